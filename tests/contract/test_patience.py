"""Deliveries that reach no handler use no attempt, and both engines are as patient with them."""

import pytest

from cdk_saga.render.patience import MAX_ALLOWANCE, PATIENCE, PATIENT_FOR, allowance
from saga_runtime.entry import queue


def test_a_conflict_waits_by_the_same_ladder_in_both_engines() -> None:
    ladder = {"interval": PATIENCE.interval, "backoff_rate": PATIENCE.backoff_rate, "max_delay": PATIENCE.max_delay}
    assert ladder == queue.PATIENCE


@pytest.mark.parametrize("timeout", [3, 15, 60, 900])
def test_a_queue_outlasts_what_the_machine_outlasts(timeout: int) -> None:
    receives = allowance(6 * timeout)
    assert receives * 6 * timeout >= PATIENT_FOR or receives == MAX_ALLOWANCE
    assert receives >= max(5, PATIENCE.max_attempts)
