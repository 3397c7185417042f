"""State machines: what :func:`cdk_saga.render.state_machine` makes, ready to be run."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cdk_saga.testing.services.expressions import Evaluate, compiled
from cdk_saga.testing.services.function import Function

Json = dict[str, Any]


LIVE: Final = "live"
"""The alias by which sagas are started."""


@dataclass(frozen=True)
class Catcher:
    """Where errors lead, and what becomes of the input on the way."""

    errors: Sequence[str]
    output: Evaluate
    next: str


class MachineState:
    """A state of a machine.

    Attributes:
        name: its name.
        definition: in Amazon States Language.
        task: what it is about, for traces and faults: ``<step>.<operation>``.
        templates: its fields that hold expressions.
        catchers: in order.
        branches: of a ``Parallel`` state.
    """

    def __init__(self, name: str, definition: Json) -> None:
        self.name = name
        self.definition = definition
        arguments = definition.get("Arguments", {})
        told = arguments.get("Payload", arguments).get("task", {})
        self.task = f"{told.get('step')}.{told.get('operation')}"
        fields = ("Arguments", "Output", "Error", "Cause")
        self.templates = {key: compiled(definition[key]) for key in fields if key in definition}
        self.catchers = [
            Catcher(catch["ErrorEquals"], compiled(catch["Output"]), catch["Next"])
            for catch in definition.get("Catch", ())
        ]
        self.branches = [MachineStates(branch) for branch in definition.get("Branches", ())]

    @property
    def waits(self) -> bool:
        """Whether it goes on when its task token is answered, and not when its function returns."""
        return "Payload" in self.definition.get("Arguments", {})

    def catcher(self, error: str) -> Catcher | None:
        """The first catcher for an error."""
        return next((catcher for catcher in self.catchers if covers(catcher.errors, error)), None)


class MachineStates:
    """States with a start: a whole machine, or a branch of it."""

    def __init__(self, definition: Json) -> None:
        self.start: str = definition["StartAt"]
        self.by_name = {name: MachineState(name, state) for name, state in definition["States"].items()}


@dataclass(frozen=True)
class Machine:
    """A state machine.

    Args:
        arn: its ARN.
        states: what it does.
        functions: what each ``Resource`` stands for.
    """

    arn: str
    states: MachineStates
    functions: dict[str, Function]


@dataclass(eq=False)
class Execution:
    """A run of a state machine; ``version`` is the ARN of a published one, if that or the alias was started.

    ``history`` has the events of the states that were entered, the first of them first.
    """

    machine: Machine
    name: str
    input: str
    started: float
    status: str = "RUNNING"
    error: str = ""
    cause: str = ""
    version: str | None = None
    history: list[Json] = field(default_factory=list[Json])

    @property
    def arn(self) -> str:
        """Its ARN."""
        return f"{self.machine.arn.replace(':stateMachine:', ':execution:')}:{self.name}"


@dataclass
class Attempts:
    """The attempts of one stay in a task state; each retrier counts its own."""

    retriers: Sequence[Json]
    counts: Counter[int] = field(default_factory=Counter[int])

    @property
    def retries(self) -> int:
        """Attempts after the first."""
        return self.counts.total()

    def wait(self, error: str, chance: float) -> float | None:
        """Seconds before another attempt after ``error``; ``None`` when there is none."""
        for i, retrier in enumerate(self.retriers):
            if covers(retrier["ErrorEquals"], error):
                return self._next(i, retrier, chance)
        return None

    def _next(self, i: int, retrier: Json, chance: float) -> float | None:
        if self.counts[i] >= retrier.get("MaxAttempts", 3):
            return None
        wait = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** self.counts[i]
        self.counts[i] += 1
        longest = min(wait, retrier.get("MaxDelaySeconds", wait))
        return longest * chance if retrier.get("JitterStrategy") == "FULL" else longest


def covers(names: Sequence[str], error: str) -> bool:
    """Whether a list of error names includes an error (Step Functions, "Handling errors in workflows")."""
    if error in names or "States.ALL" in names:
        return True
    return "States.TaskFailed" in names and error != "States.Timeout"
