"""Advice reaches whoever synthesizes, as a CDK warning that can be acknowledged."""

import dataclasses

import pytest
from aws_cdk import Annotations, App, Stack
from aws_cdk.assertions import Annotations as Found
from aws_cdk.assertions import Match

from cdk_saga import Saga
from parts import STYLES, Style, deploy
from sagas import step

OWN = Saga("order", [dataclasses.replace(step(name), participant="shop") for name in ("pay", "pack")])


def warnings(stack: Stack) -> list[str]:
    found = Found.from_stack(stack).find_warning("*", Match.string_like_regexp("cdk-saga:"))
    return [str(message.entry.data) for message in found]


@pytest.mark.parametrize("style", STYLES)
def test_advice_is_a_warning_with_an_id(style: Style) -> None:
    stack = Stack(App(), "Advised")
    deploy(stack, style, saga=OWN)
    (warning,) = warnings(stack)
    assert warning.startswith("every step of saga 'order' belongs to 'shop': use a transaction, not a saga")
    assert "[ack: cdk-saga:OneParticipant]" in warning


@pytest.mark.parametrize("style", STYLES)
def test_advice_can_be_acknowledged_with_a_reason(style: Style) -> None:
    stack = Stack(App(), "Acknowledged")
    saga = deploy(stack, style, saga=OWN)
    Annotations.of(saga).acknowledge_warning("cdk-saga:OneParticipant", "the shop is split next quarter")
    assert warnings(stack) == []
