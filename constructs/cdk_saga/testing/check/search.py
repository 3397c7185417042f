"""The search: every scenario, every single fault in those that are worth it, then random orders, each judged."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from cdk_saga.testing.check.report import CheckReport, Finding
from cdk_saga.testing.check.rules import Problem, Rules
from cdk_saga.testing.check.runner import Runner, Trial, faults_at
from cdk_saga.testing.check.scenarios import Scenario, scenarios
from cdk_saga.testing.check.subject import CheckError, Style, Subject
from cdk_saga.testing.check.words import circumstances
from cdk_saga.testing.faults import Fault

ENOUGH: Final = 20
"""Runs that break a rule, after which only the simple ones are tried: those faults have to be mended first."""


@dataclass
class Search:
    """Looks for what breaks a rule; see :func:`cdk_saga.testing.check.check` for the parameters.

    A seed is ``<style>-<input>-<scenario>``, and ``-<fault>`` where one strikes.
    """

    subject: Subject
    styles: Sequence[Style]
    most: int
    bench: Runner
    runs: int = 0
    _bad: int = 0
    _found: dict[tuple[str, str], Finding] = field(default_factory=dict[tuple[str, str], Finding])
    _clean: dict[tuple[Style, int], Trial] = field(default_factory=dict[tuple[Style, int], Trial])

    def report(self) -> CheckReport:
        """Search everything."""
        self._look_at_clean_runs()
        if self._found:
            return self._report(self.runs)
        everything = list(self._scenarios())
        trials = [(seed, self._judged(seed, scenario)) for seed, scenario in everything if scenario.order is None]
        strikes = [
            (f"{seed}-{i}", trial, fault)
            for seed, trial in trials
            if trial.scenario.struck
            for i, fault in enumerate(faults_at(trial))
        ]
        few = min(len(strikes), max(0, self.most - len(everything)))
        for seed, trial, fault in (strikes[i * len(strikes) // few] for i in range(few)):
            if self._bad < ENOUGH:
                self._judged(seed, trial.scenario, trial, fault)
        for seed, scenario in everything:
            if scenario.order is not None and self._bad < ENOUGH:
                self._judged(seed, scenario)
        return self._report(len(everything) + len(strikes))

    def replay(self, seed: str) -> CheckReport:
        """Run the one saga that a seed names, and show it line by line."""
        scenario_seed, fault = self._parsed(seed)
        trial = self._judged(scenario_seed, dict(self._scenarios())[scenario_seed])
        if fault is not None:
            possible = list(faults_at(trial)) if trial.scenario.struck else []
            if fault >= len(possible):
                raise CheckError(
                    f"seed {seed!r} names no run: {scenario_seed!r} is struck by {len(possible)} faults, from 0"
                )
            self._found.clear()
            trial = self._judged(seed, trial.scenario, trial, possible[fault])
        lines = [*circumstances(self.subject, trial, trial), str(trial.run.trace), f"The saga is {trial.run.ending}."]
        return replace(self._report(self.runs), shown="\n".join(lines))

    def _scenarios(self) -> Iterator[tuple[str, Scenario]]:
        for style in self.styles:
            for given in range(len(self.subject.inputs)):
                clean = self._cleanly(style, given)
                completes, asking = clean.run.ending == "COMPLETED", clean.asked
                lived = scenarios(self.subject.saga, style, given, completes=completes, asking=asking)
                for i, scenario in enumerate(lived):
                    yield f"{style}-{given}-{i}", scenario

    def _look_at_clean_runs(self) -> None:
        """Whether equal runs leave equal data, no handler fails without a reason, and effects are visible at all."""
        for style in self.styles:
            for given in range(len(self.subject.inputs)):
                seed, trial = f"{style}-{given}-0", self._cleanly(style, given)
                again = self.bench.run(trial.scenario)
                for problem in (*self._rules.problems(trial, trial), *self._rules.unlike(trial, again)):
                    self._note(seed, trial, problem)
        if not self._found:
            self._check_proves_something()

    def _check_proves_something(self) -> None:
        completed = [trial for trial in self._clean.values() if trial.run.ending == "COMPLETED"]
        if not completed:
            endings = {trial.scenario.input: trial.run.ending for trial in self._clean.values()}
            raise CheckError(f"with no input does the saga complete, so nothing is proved: inputs end as {endings}")
        seen = {touch.task for trial in completed for touch in trial.touches}
        for step in self.subject.saga.all_steps:
            if isinstance(step.compensation, str) and f"{step.name}.action" not in seen:
                raise CheckError(
                    f"nothing of what {step.action!r} does can be seen, so nothing is proved of it: hand over its "
                    "table in tables, or its provider in providers"
                )

    @cached_property
    def _rules(self) -> Rules:
        return Rules(self.subject, self._cleanly(self.styles[0], 0).before)

    def _cleanly(self, style: Style, given: int) -> Trial:
        if (style, given) not in self._clean:
            self._clean[style, given] = self.bench.run(Scenario(style, given))
        return self._clean[style, given]

    def _judged(self, seed: str, scenario: Scenario, calm: Trial | None = None, fault: Fault | None = None) -> Trial:
        self.runs += 1
        trial = self.bench.run(scenario, [fault] if fault else ())
        problems = self._rules.problems(trial, self._cleanly(scenario.style, scenario.input))
        for problem in problems:
            self._note(seed, trial, problem, calm)
        self._bad += bool(problems)
        return trial

    def _note(self, seed: str, trial: Trial, problem: Problem, calm: Trial | None = None) -> None:
        """Keep the first run of each problem: those in which less goes wrong come first."""
        if known := self._found.get((problem.handler, problem.rule)):
            known.seeds.add(seed)
        else:
            self._found[problem.handler, problem.rule] = self._finding(seed, trial, problem, calm)

    def _finding(self, seed: str, trial: Trial, problem: Problem, calm: Trial | None = None) -> Finding:
        return Finding(seed, problem, circumstances(self.subject, trial, calm or trial))

    def _report(self, possible: int) -> CheckReport:
        return CheckReport(self.subject.saga.name, self.runs, possible, tuple(self._found.values()))

    def _parsed(self, seed: str) -> tuple[str, int | None]:
        style, *numbers = seed.split("-")
        known = dict(self._scenarios())
        if style in self.styles and all(number.isdecimal() for number in numbers):
            scenario, rest = "-".join([style, *numbers[:2]]), numbers[2:]
            if scenario in known and len(rest) <= 1:
                return scenario, int(rest[0]) if rest else None
        raise CheckError(f"seed {seed!r} names no run: copy it from a report of this check, e.g. {next(iter(known))}-0")
