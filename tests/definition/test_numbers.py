"""Every number and flag of a definition is what it says, or is refused where it stands."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from cdk_saga import NOTHING_TO_UNDO, DefinitionError, Parallel, Retry, Saga, Step


class Duration:
    """Looks like one of CDK's, which a definition does not import."""

    def to_seconds(self) -> int:
        return 3600


class Int64(int):
    """A whole number of another library, e.g. numpy's."""


def step(**more: Any) -> Step:
    return Step("a", participant="p", action="do", compensation=NOTHING_TO_UNDO, **more)


NUMBERS: dict[str, Callable[[Any], object]] = {
    "deadline": lambda value: Saga("s", [step()], deadline=value),
    "callback_timeout": lambda value: step(callback_timeout=value),
    "max_attempts": lambda value: Retry(max_attempts=value),
    "interval": lambda value: Retry(interval=value),
    "max_delay": lambda value: Retry(max_delay=value),
}
WRONG: dict[str, tuple[Any, str]] = {
    "a float": (60.0, "is 60.0: "),
    "a fraction": (60.5, "is 60.5: "),
    "a boolean": (True, "is True: "),
    "text": ("60", "is '60': "),
    "a timedelta": (timedelta(minutes=1), "write int(….total_seconds())"),
    "a Duration": (Duration(), "write int(….to_seconds())"),
    "another library's": (Int64(60), "is 60: "),
    "not a number": (float("nan"), "is nan: "),
    "infinity": (float("inf"), "is inf: "),
}


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(("value", "text"), WRONG.values(), ids=WRONG)
def test_a_number_that_is_none_is_refused_where_it_stands(name: str, value: Any, text: str) -> None:
    with pytest.raises(DefinitionError, match=rf"{name} is .*{re.escape(text.removeprefix('is '))}"):
        NUMBERS[name](value)


@pytest.mark.parametrize("value", [True, "2", 0.5, float("nan"), None, timedelta(seconds=2)])
def test_a_backoff_is_a_factor(value: Any) -> None:
    with pytest.raises(DefinitionError, match=r"backoff_rate is .*: a wait cannot shrink"):
        Retry(backoff_rate=value)


@pytest.mark.parametrize("value", [1, 0, "yes", None])
def test_a_pivot_is_true_or_false(value: Any) -> None:
    with pytest.raises(DefinitionError, match=r"pivot is .*: use True or False"):
        step(pivot=value)


def test_a_float_is_told_how_to_be_written() -> None:
    with pytest.raises(DefinitionError, match=r"whole seconds from 1 to 31,536,000; write int\(3600\.0\)"):
        Saga("trip", [step()], deadline=timedelta(hours=1).total_seconds())  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("name", ["saga", "COMPLETED", "COMPENSATED", "STUCK", "PARTIALLY_COMPENSATED"])
def test_no_step_or_group_is_called_like_an_ending(name: str) -> None:
    other = Step("b", participant="p", action="do", compensation=NOTHING_TO_UNDO)
    with pytest.raises(DefinitionError, match=f"step '{name}': that word stands for"):
        Step(name, participant="p", action="do", compensation=NOTHING_TO_UNDO)
    with pytest.raises(DefinitionError, match=f"group '{name}': that word stands for"):
        Parallel(name, step(), other)
