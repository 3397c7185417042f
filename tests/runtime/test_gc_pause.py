"""A quick start: the collector stays away while something is loaded, and off it for good."""

import gc
from collections.abc import Iterator

import pytest

from saga_runtime.gc_pause import gc_paused


@pytest.fixture(autouse=True)
def nothing_stays_frozen() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_nothing_is_collected_while_something_is_loaded() -> None:
    with gc_paused("nothing much"):
        assert not gc.isenabled()
    assert gc.isenabled()


def test_the_collector_is_on_again_after_a_failure() -> None:
    with pytest.raises(ImportError), gc_paused("what is not there"):
        raise ImportError
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with gc_paused("a little"):
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_only_the_first_time_keeps_what_is_there() -> None:
    gc.unfreeze()
    with gc_paused("once"):
        pass
    assert gc.get_freeze_count()
    gc.unfreeze()
    with gc_paused("once"):
        pass
    assert not gc.get_freeze_count()
