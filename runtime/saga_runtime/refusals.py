"""The texts of errors that show a refused value, and what logs may have of them.

An operator needs the value; it stands in the dead letter and the execution. A log has other readers and another
retention, so it gets the field and the rule.
"""

import re
import reprlib
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

SHOWN: Final = 100
"""Characters of a refused value that an error shows."""
_REPR: Final = reprlib.Repr()
_REPR.maxstring = _REPR.maxother = _REPR.maxlong = SHOWN
FIELD: Final = re.compile(r"(?:saga|task|start|detail)\.[a-z_]+|[^.\[]+")
"""The part of a path that the schema names."""


class Refusal(str):
    """The text of an error that shows a value, with the same for logs, where no value may stand.

    Attributes:
        public: the field as far as the schema names it, and the rule.
    """

    __slots__ = ("public",)
    public: str


def refusal(where: str, value: object, rule: str, *, seen: str = "is") -> Refusal:
    """What an error says of a value: where it stands, the value, the rule.

    Args:
        where: its path; keys that a caller has chosen are left out of logs as well.
        value: what is refused.
        rule: what belongs there.
        seen: the verb, where it is another.
    """
    return redacted(f"{where} {seen} {shown(value)}: {rule}", f"{field_of(where)}: {rule}")


def redacted(text: str, public: str) -> Refusal:
    """An error's text, and what logs may have of it."""
    told = Refusal(text)
    told.public = public
    return told


def field_of(where: str) -> str:
    """The part of a path that the schema names, not the keys that a caller has chosen."""
    found = FIELD.match(where)
    return found[0] if found else "a field"


def for_logs(error: BaseException | str) -> str:
    """An error's text without the value that it shows."""
    text: object = error.args[0] if isinstance(error, BaseException) and error.args else error
    return text.public if isinstance(text, Refusal) else str(text)


@contextmanager
def discreetly() -> Generator[None]:
    """Around a Lambda function's entry: Lambda logs the text of the error that it ends with."""
    try:
        yield
    except Exception as error:
        text: object = error.args[0] if error.args else ""
        if not isinstance(text, Refusal):
            raise
        raise type(error).__new__(type(error), text.public) from None  # whatever its parameters are


def shown(value: object) -> str:
    """A refused value as an error shows it: short, and printable wherever the error goes."""
    try:
        text = _REPR.repr(value)
    except ValueError:
        text = "a number with thousands of digits"  # Python refuses to write it
    return printable(text)[:SHOWN]


def printable(text: str) -> str:
    """``text`` in ASCII, other characters as their codes."""
    return text.encode("ascii", "backslashreplace").decode()
