"""What a handler can do besides its work: raise any of the runtime's errors, return anything, change its command.

A saga's input says which handler does what: `{"deeds": {"a.action": "raises Busy"}}`.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from saga_runtime import (
    BadCommand,
    Busy,
    Command,
    InputMismatch,
    PastPivot,
    Pending,
    Rejected,
    SagaFenced,
)
from saga_runtime.errors import (
    AlreadyPublished,
    AnotherVersion,
    BadResult,
    CallbackPending,
    CallbackTimedOut,
    Contradiction,
    HandlerFailed,
    Leased,
    RejectedPastPivot,
    UsedUp,
)
from simulation.shapes import saga

Json = dict[str, Any]
ERRORS: Final[Mapping[str, Callable[[], BaseException]]] = {
    "Rejected": lambda: Rejected("no"),
    "SagaFenced": lambda: SagaFenced("late", never_began=True),
    "PastPivot": lambda: PastPivot("late"),
    "RejectedPastPivot": lambda: RejectedPastPivot("no"),
    "InputMismatch": lambda: InputMismatch("other input"),
    "AnotherVersion": lambda: AnotherVersion("other version"),
    "Contradiction": lambda: Contradiction("lost", {"a": {}}),
    "UsedUp": lambda: UsedUp("used up"),
    "BadResult": lambda: BadResult("a list"),
    "HandlerFailed": lambda: HandlerFailed("do", ValueError("no")),
    "BadCommand": lambda: BadCommand("no command"),
    "Busy": lambda: Busy("not now"),
    "Leased": lambda: Leased("not now", 5),
    "CallbackPending": lambda: CallbackPending("waits", 50, fresh=True),
    "CallbackTimedOut": lambda: CallbackTimedOut("no answer"),
    "AlreadyPublished": lambda: AlreadyPublished("told"),
    "KeyError": lambda: KeyError("seat"),
    "SystemExit": lambda: SystemExit(3),
}
"""Errors that a handler raises: all of the runtime's own, and some of Python's."""
VALUES: Final[Mapping[str, Any]] = {
    "a list": [1],
    "a text": "done",
    "a number": 1,
    "a key that is no text": {1: "a"},
    "no number": {"price": math.nan},
    "an integer too large": {"id": 2**53},
    "a float too large": {"id": 1e300},
    "a set": {"seats": {1}},
    "too much": {"text": "x" * 300_000},
    "Pending": Pending(),
}
"""What a handler returns, and no handler may: none of these steps waits."""
RAISES: Final = tuple(f"raises {name}" for name in ERRORS)
RETURNS: Final = tuple(f"returns {name}" for name in VALUES)
NUMBERS: Final = (25.0, -0.0, 0.1, 1e-9, 2**53 - 1, -1.5e15)
"""Some of these are written otherwise when AWS has passed them on, and all are the same."""
HARMLESS: Final = ("changes its command", "answers in fractions")
SLOW: Final = "is slow"
"""Where functions run at the same time, longer than its function may take."""
LONG: Final = 100.0
DEEDS: Final = (*RAISES, *RETURNS, *HARMLESS)


def before_work(deed: str, command: Command, sleep: Callable[[float], None]) -> None:
    """Do a deed before the handler's work."""
    kind, _, what = deed.partition(" ")
    if kind == "raises":
        error = ERRORS[what]()
        raise error
    if deed == HARMLESS[0]:
        command.input["n"] = command.input.get("n", 0) + 1
        command.saga["results"] = {}
        command.results.clear()
        command.task.clear()
    elif deed == SLOW:
        sleep(LONG)


def returned(deed: str, result: Any) -> Any:
    """What the handler returns."""
    kind, _, what = deed.partition(" ")
    if deed == HARMLESS[1] and result is not None:
        return {"numbers": list(NUMBERS)}
    return VALUES[what] if kind == "returns" else result


def requests(shape: str, deeds: tuple[str, ...] = DEEDS) -> Iterator[dict[str, Any]]:
    """Each deed of each action; and of each compensation, when the last step is rejected."""
    names = [step.name for step in saga(shape).all_steps]
    for deed in deeds:
        for name in names:
            yield {"numbers": list(NUMBERS), "deeds": {f"{name}.action": deed}}
            if name != names[-1]:
                yield {"numbers": list(NUMBERS), "rejected": [names[-1]], "deeds": {f"{name}.compensation": deed}}


def ending(shape: str, given: Mapping[str, Any]) -> str:
    """How a saga ends of which one handler does a deed; empty where that depends on how long things take."""
    ((task, deed),) = given["deeds"].items()
    name, operation = task.split(".")
    steps = list(saga(shape).all_steps)
    pivot = next((i for i, step in enumerate(steps) if step.pivot), len(steps))
    at = next(i for i, step in enumerate(steps) if step.name == name)
    if deed == SLOW:
        return ""
    aborted = pivot == len(steps) - 1 or pivot == len(steps)
    if operation == "compensation":
        called = isinstance(steps[at].compensation, str)
        return "STUCK" if not aborted or (called and deed not in HARMLESS) else "COMPENSATED"
    if deed in HARMLESS:
        return "COMPLETED"
    return "COMPENSATED" if at <= pivot else "STUCK"
