"""Sagas written as short texts.

Each step is a letter for its mode, `T` (its effect is in DynamoDB) or `X` (outside). After it, `°` says that there is
nothing to undo, `!` that it is the pivot, `?` that it may wait for an answer from outside. A group stands in
parentheses, its branches between bars: `TX°(T|XT)X!`. The steps are called a, b, c, … A `~` at the end: compensation
goes on when a compensation keeps failing.
"""

import re
from collections.abc import Iterator
from itertools import product
from string import ascii_lowercase
from typing import Final

from cdk_saga import NOTHING_TO_UNDO, Parallel, Retry, Saga, Step

FEW: Final = 2
"""Further attempts of each task: two faults in a row do not use them up, three do."""
WAITS: Final = 100
"""Seconds that a step waits which may."""
_PART: Final = re.compile(r"\(([^)]*)\)|([TX]°?!?\??)")
_STEP: Final = re.compile(r"[TX]°?!?\??")


def saga(shape: str, *, attempts: int = FEW, deadline: int | None = None) -> Saga:
    """The saga that a text describes.

    Args:
        shape: the text.
        attempts: further attempts of each task.
        deadline: seconds.
    """
    names = iter(ascii_lowercase)
    retry = Retry(max_attempts=attempts)

    def branch(text: str) -> list[Step]:
        return [_step(next(names), code, retry) for code in _STEP.findall(text)]

    parts: list[Step | Parallel] = []
    for group, step in _PART.findall(shape):
        if group:
            parts.append(Parallel(f"group{len(parts)}", *(branch(text) for text in group.split("|"))))
        else:
            parts += branch(step)
    return Saga(
        "order", parts, deadline=deadline, on_compensation_failure="continue" if shape.endswith("~") else "stop"
    )


def _step(name: str, code: str, retry: Retry) -> Step:
    participant, action, compensation = ("own", "do", "undo") if code[0] == "T" else ("outside", "charge", "refund")
    return Step(
        name,
        participant=participant,
        action=action,
        compensation=NOTHING_TO_UNDO if "°" in code else compensation,
        retry=retry,
        compensation_retry=retry,
        pivot="!" in code,
        callback_timeout=WAITS if "?" in code else None,
    )


def sequences(steps: int) -> Iterator[str]:
    """Every shape of so many steps without groups: each mode, undoable or not, each pivot or none."""
    for codes in product(("T", "X", "T°", "X°"), repeat=steps):
        yield "".join(codes)
        for pivot in range(steps):
            yield "".join(f"{code}!" if i == pivot else code for i, code in enumerate(codes))


GROUPS: Final = ("(T|T)", "(X|T)", "T(T|X)", "(T|X)T", "(TX|T)", "T!(T|T)", "T°(T°|X)T", "T(T|X°)X!")
"""Shapes with a group: alone, in the middle, last, after the pivot, with longer branches, with nothing to undo."""
WAITING: Final = ("T?", "X?", "TT?T", "TX?T", "TT°?", "X!T?", "T!?T", "T(T?|X)", "T(X?|T?)T~")
"""Shapes with steps that wait: in each mode and place, past the pivot, with nothing to undo, in groups."""
