"""A patch that no longer fits fails loudly."""

import traceback

import pytest

from emulator.server.rewriting import PatchError, rewrite


def plain(seats: int) -> int:
    return seats + 1


class Pool:
    def size(self, seats: int) -> int:
        return seats + 1


def test_a_function_is_changed_for_those_who_hold_it_already() -> None:
    def target(seats: int) -> int:
        return seats + 1

    held = target
    rewrite(target, {"seats + 1": "seats + 2"})

    assert held(1) == 3


def test_a_method_is_changed_twice() -> None:
    rewrite(Pool.size, {"seats + 1": "seats + 2"})
    rewrite(Pool.size, {"seats + 2": "doubled(seats)"}, {"doubled": lambda seats: 2 * seats})

    assert Pool().size(4) == 8


@pytest.mark.parametrize("passage", ["seats - 1", "seats"])
def test_a_passage_that_is_not_there_exactly_once_is_an_error(passage: str) -> None:
    with pytest.raises(PatchError, match=r"plain holds this passage \d times instead of once"):
        rewrite(plain, {passage: "0"})

    assert plain(1) == 2


def test_a_name_that_is_taken_is_an_error() -> None:
    with pytest.raises(PatchError, match="already has the name Pool"):
        rewrite(plain, {"seats + 1": "Pool(seats)"}, {"Pool": print})


def test_a_traceback_shows_the_changed_line() -> None:
    def target(seats: int) -> int:
        return seats + 1

    rewrite(target, {"seats + 1": "seats // 0"})

    with pytest.raises(ZeroDivisionError) as caught:
        target(1)
    assert "return seats // 0" in "".join(traceback.format_exception(caught.value))
