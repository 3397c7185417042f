"""Bad commands at both entries and at recovery: an error by name, nothing touched, and the message kept."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from hypothesis import given
from hypothesis import strategies as st

from bad_input.cases import CASES, RAW, Case
from bad_input.shops import Inbox, everything, record
from saga_runtime import BadCommand, InputMismatch
from saga_runtime.entry.batch import body_of
from saga_runtime.envelope import parse
from shop import payload
from world import World

by_what = pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
OF_THE_PARTICIPANT = {"an unknown handler", "an id that is taken"}
"""What only the participant's own code, or the ledger, can see."""


def logged(error: str) -> str:
    """What is left of an error where no value may stand: the rule, or the field where only that is expected."""
    shown, colon, rule = error.partition(": ")
    return rule if colon and (" is " in shown or "'" in shown) else error.partition(" is ")[0] if not colon else error


def reasons(caplog: pytest.LogCaptureFixture) -> str:
    """Why deliveries were refused, as the logs say it."""
    return " ".join(getattr(line, "reason", "") for line in caplog.records if line.getMessage() == "refused")


@by_what
def test_it_is_refused_by_name_at_every_entry_touches_nothing_and_is_kept(
    case: Case, world: World, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    before = everything(world)
    with pytest.raises((BadCommand, InputMismatch)) as caught:
        world.call(case.command())
    assert logged(case.error) in str(caught.value), "Lambda logs the text of an error that its function ends with"

    assert inbox.deliver(case.command()), "another attempt changes nothing, so recovery gets it at once"
    assert logged(case.error) in reasons(caplog)

    inbox.recovery(case.command())
    ((body, reason),) = inbox.parked
    assert body == record(case.command())["body"]
    assert case.what in OF_THE_PARTICIPANT or case.error in reason
    assert everything(world) == before


@pytest.mark.parametrize(("body", "error"), [row[1:] for row in RAW], ids=[row[0] for row in RAW])
def test_a_message_that_is_no_command_is_refused_and_kept(
    body: str, error: str, world: World, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    before = everything(world)
    assert inbox.deliver(body)
    assert logged(error) in reasons(caplog)
    inbox.recovery(body)
    ((kept, reason),) = inbox.parked
    assert (kept, error in reason) == (body, True)
    assert everything(world) == before


def test_a_policy_without_meaning_is_refused_before_anything_happens(world: World, inbox: Inbox) -> None:
    before = everything(world)
    for policy in ({"max_attempts": 3, "interval": 1}, {"interval": True, "backoff_rate": 2, "max_delay": 60}, 7):
        assert inbox.deliver(payload("charge", step="money", retry=policy))
    assert everything(world) == before


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
WHOLE = payload("charge", step="money", first=True, ends={}, join={"group": "g", "steps": ["a"]}, fences=["a"])
FIELDS = [(), *((half,) for half in WHOLE), *((half, name) for half in WHOLE for name in WHOLE[half])]


def refusal(read: Callable[[], object]) -> str:
    """How ``read`` refuses what it is given, in words; empty when it takes it."""
    try:
        read()
    except BadCommand as error:
        return str(error)
    return ""


@given(st.sampled_from(FIELDS), VALUES)
def test_any_json_in_any_field_is_read_or_refused_in_a_few_words(field: tuple[str, ...], value: Any) -> None:
    command: Any = copy.deepcopy(WHOLE)
    if field:
        inside = command if len(field) == 1 else command[field[0]]
        inside[field[-1]] = value
    text = refusal(lambda: parse(command if field else value))
    assert text.isascii()
    assert len(text) < 500


@given(st.text() | st.text(alphabet='{}[]",:0123456789.eE-+truefalsn \\u'))
def test_any_text_in_a_message_is_read_or_refused_in_a_few_words(text: str) -> None:
    assert len(refusal(lambda: parse(body_of(SQSRecord(record(text)))))) < 500
