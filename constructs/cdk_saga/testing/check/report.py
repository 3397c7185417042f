"""What a check found."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cdk_saga.testing.check.rules import Problem


@dataclass
class Finding:
    """A rule that a handler breaks.

    Attributes:
        seed: names the run that shows it best: the one in which the least went wrong.
        problem: who breaks which rule, and how.
        circumstances: what that saga lived through, one line for each thing.
        seeds: every run in which that was seen.
    """

    seed: str
    problem: Problem
    circumstances: Sequence[str]
    seeds: set[str] = field(default_factory=set[str])

    def __str__(self) -> str:
        lines = [self.problem.text, f"Rule: {self.problem.rule}", *self.circumstances, f"Seed: {self.seed}"]
        return "\n     ".join(lines)


@dataclass(frozen=True)
class CheckReport:
    """What came of a check.

    Attributes:
        saga: the saga's name.
        runs: how many sagas were run.
        possible: how many there are.
        findings: which rules were broken; empty when all is well.
        shown: what happened in the one saga that was replayed.
    """

    saga: str
    runs: int
    possible: int
    findings: Sequence[Finding]
    shown: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def __str__(self) -> str:
        part = "" if self.runs >= self.possible else f" of {self.possible:,}"
        rules = f"{len(self.findings) or 'no'} rule{'' if len(self.findings) == 1 else 's'} broken"
        head = f"saga {self.saga!r}: {rules} in {self.runs:,}{part} runs"
        findings = [f"{i:3}. {one}{_more(one)}" for i, one in enumerate(self.findings, 1)]
        return "\n\n".join([head, *findings, *([self.shown] if self.shown else [])])


def _more(finding: Finding) -> str:
    more = len(finding.seeds - {finding.seed})
    return f", and {more:,} more run{'s' if more > 1 else ''}" if more else ""
