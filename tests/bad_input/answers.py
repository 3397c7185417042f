"""The table of bad answers to a step that waits: what is wrong, an example, and what the error says."""

from dataclasses import dataclass
from typing import Any, Final

from saga_runtime.values import LARGEST, MAX_REASON_LENGTH

Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """One kind of bad answer, to the saga ``t-1``, whose step ``card`` waits.

    Args:
        what: is wrong.
        operation: the answer.
        error: how the error begins, or what stands in it.
        first: what was answered before, and taken.
        seconds: later than it was asked.
    """

    what: str
    operation: Json
    error: str
    first: Json | None = None
    seconds: int = 0


def yes(result: object, step: object = "card", saga_id: object = "t-1") -> Json:
    """The order of somebody who says yes."""
    return {"operation": "complete", "id": saga_id, "step": step, "result": result}


def no(reason: object, step: object = "card", saga_id: object = "t-1") -> Json:
    """The order of somebody who says no."""
    return {"operation": "reject", "id": saga_id, "step": step, "reason": reason}


WAITS: Final = 600
ADA: Final = {"by": "Ada"}
ANSWERS: Final = (
    Answer(
        "a step that there is none of", yes(ADA, "gold"), "'gold' of saga 't-1' waits for no callback: it is not begun"
    ),
    Answer("a step that is done", yes(ADA, "goods"), "'goods' of saga 't-1' waits for no callback: it is DONE"),
    Answer("no step", yes(ADA, None), "step is None: this operation needs it as text of 1 to 2,000"),
    Answer("a saga that there is none of", yes(ADA, saga_id="t-9"), "'card' of saga 't-9' waits for no callback"),
    Answer("an id that no saga can have", yes(ADA, saga_id="../t-1"), "saga.id is '../t-1': use 1 to 64 letters"),
    Answer("a result that is a list", yes([1]), "result is [1]: this operation needs a JSON object"),
    Answer("no result", yes(None), "result is None: this operation needs a JSON object"),
    Answer("a result that is not a number", yes({"n": float("nan")}), "the result.n is nan: JSON has no such number"),
    Answer("half a character in it", yes({"s": "\ud800"}), "the result.s is '\\ud800': half a character (a lone"),
    Answer("17 digits in it", yes({"n": 2**53}), "numbers beyond 9,007,199,254,740,991 change on their way"),
    Answer("too many bytes", yes({"s": "x" * LARGEST}), "bytes, the limit is 262,144: keep the data in S3"),
    Answer(
        "more bytes than the saga has room for",
        yes({"s": "x" * 230_000}),
        "the answer to 'card' needs 230,032 bytes, and there is room for",
    ),
    Answer("a reason that is empty", no(""), "reason is '': this operation needs it as text of 1 to 2,000"),
    Answer("a reason that is no text", no({"by": "Ada"}), "reason is {'by': 'Ada'}: this operation needs it as text"),
    Answer(
        "a reason that is too long", no("x" * (MAX_REASON_LENGTH + 1)), "this operation needs it as text of 1 to 2,000"
    ),
    Answer("another yes", yes({"by": "Bob"}), "has been completed already, with another result", first=yes(ADA)),
    Answer("a no after a yes", no("too dear"), "has been completed already, with another result", first=yes(ADA)),
    Answer("a yes after a no", yes(ADA), "'card' of saga 't-1' has been rejected already", first=no("too dear")),
    Answer("another no", no("too late"), "'card' of saga 't-1' has been rejected already", first=no("too dear")),
    Answer("a yes that is late", yes(ADA), "too late: the time of 'card' of saga 't-1' is over", seconds=WAITS + 1),
    Answer("a no that is late", no("so"), "too late: the time of 'card' of saga 't-1' is over", seconds=WAITS + 1),
    Answer(
        "an answer to a saga that was cancelled",
        yes(ADA),
        "too late: the saga of 'card' of saga 't-1' is going back",
        first={"operation": "cancel", "id": "t-1"},
    ),
)
