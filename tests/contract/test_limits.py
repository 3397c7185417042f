"""The runtime and the constructs know the same limits, each in its own words."""

from cdk_saga import limits
from cdk_saga.definition.retry import MAX_DELAY, VISIBILITY_FACTOR
from saga_runtime import values
from saga_runtime.entry.batch import MAX_HIDDEN
from saga_runtime.ledger import items
from saga_runtime.writes import MAX_WRITES


def test_the_runtime_counts_to_the_same_numbers() -> None:
    assert limits.PAYLOAD.most == values.LARGEST
    assert limits.INPUT_TEMPLATE.most == values.TASK_BUDGET
    assert limits.DIGITS.most == values.MAX_DIGITS
    assert limits.TRANSACTION.most - 2 == MAX_WRITES
    assert items.KEPT == limits.LEDGER_KEPT * 86_400


def test_the_longest_wait_of_a_message_leaves_room_for_the_time_since_its_receive() -> None:
    assert MAX_HIDDEN == MAX_DELAY < limits.VISIBILITY.most - VISIBILITY_FACTOR * limits.FUNCTION_TIME.most


def test_the_room_for_a_failure_holds_the_longest_there_can_be() -> None:
    """A control character takes six bytes in JSON, more than any other."""
    failure = {"step": "s" * 64, "outcome": "unknown", "Error": "E" * 256, "recorded": False}
    longest = values.size_of({**failure, "Cause": "\x01" * values.MAX_REASON_LENGTH})
    assert longest < values.FAILURE_BUDGET


def test_whatever_a_saga_carries_fits_an_item_of_the_ledger() -> None:
    """Input and result are text in items of their own, so no result has to be kept elsewhere."""
    assert limits.ITEM.most > values.LARGEST
    assert limits.TRANSACTION_SIZE.most > 2 * values.LARGEST + MAX_WRITES
