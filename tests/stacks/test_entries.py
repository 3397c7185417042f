"""Handlers are imported at synth as Lambda will import them; what would fail there fails here, with the cure."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk.assertions import Annotations, Match

from cdk_saga import Saga, Step
from cdk_saga.aws import Bundle, Ledger, ParticipantFunction, SagaBus
from parts import STYLES, Style, function
from templates import new_app

PARTICIPANT = """
import boto3
from saga_runtime import Participant

hotels = Participant("hotels")


@hotels.action
def book(command, writes): ...


@book.compensation
def cancel(command, writes): ...


handler = hotels.handler
print("imported")
"""
MODULES = {
    "__init__": PARTICIPANT,
    "web": "import requests\n",
    "inner": "from svc import nothing\n",
    "wants": "import os\nTABLE = os.environ['TABLE']\n",
    "wrapped": "import svc\ndef handler(event, context):\n    return svc.handler(event, context)\n",
}
STAY = Saga("stay", [Step("hotel", participant="hotels", action="book", compensation="cancel")])
TYPO = Saga("stay", [Step("hotel", participant="hotels", action="bok", compensation="cancel")])
Built = Callable[..., Stack]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("entries") / "svc"
    folder.mkdir()
    for name, text in MODULES.items():
        (folder / f"{name}.py").write_text(text)
    return Bundle.runtime(folder)


@pytest.fixture
def build(bundle: Bundle) -> Built:
    """Put a saga with a participant into a stack."""

    def built(style: Style = STYLES[0], *, handler: str = "svc.handler", saga: Saga = STAY, **given: Any) -> Stack:
        stack = Stack(new_app(), "Stack")
        ledger, bus = Ledger(stack, "Ledger"), SagaBus(stack, "Bus")
        options: dict[str, Any] = {"service": "hotels", "handler": handler, "bundle": bundle}
        arn = given.pop("layer", None)
        layers = [lambda_.LayerVersion.from_layer_version_arn(stack, "Layer", arn)] if arn else None
        made = ParticipantFunction(stack, "Hotels", ledger=ledger, bus=bus, layers=layers, **options)
        style(stack, "Saga", saga=saga, participants={"hotels": made}, ledger=ledger, bus=bus, **given)
        return stack

    return built


def synth(stack: Stack) -> None:
    app = stack.node.root
    assert isinstance(app, App)
    app.synth()


@pytest.mark.parametrize("style", STYLES)
def test_a_participant_that_fits_is_accepted(build: Built, style: Style) -> None:
    synth(build(style))


@pytest.mark.parametrize(
    ("handler", "text"),
    [
        ("svc.web.handler", "imports 'requests', which is neither in its bundle nor in Lambda's Python; add it to the"),
        ("svc.gone.handler", "is not in its bundle: there is no module 'svc.gone'; correct it, or bundle its folder"),
        ("services.handler", "is not in its bundle: there is no module 'services'"),
        ("svc.hndler", "cannot be imported: module 'svc' has no attribute 'hndler'"),
        ("svc.inner.handler", "cannot be imported: cannot import name 'nothing' from 'svc'"),
    ],
)
def test_a_handler_that_lambda_cannot_import_is_refused(build: Built, handler: str, text: str) -> None:
    with pytest.raises(RuntimeError, match=re.escape(f"function Stack/Hotels: its handler {handler!r} {text}")):
        synth(build(handler=handler))


def test_a_layer_may_have_what_the_bundle_lacks(build: Built) -> None:
    synth(build(handler="svc.web.handler", layer="arn:aws:lambda:eu-central-1:111111111111:layer:requests:1"))


@pytest.mark.parametrize("style", STYLES)
def test_a_handler_that_no_participant_registers_is_refused(build: Built, style: Style) -> None:
    text = r"saga 'stay', version \w{12}, step 'hotel': no handler 'bok' in 'svc.handler', which registers: book,"
    with pytest.raises(RuntimeError, match=text):
        synth(build(style, saga=TYPO))


@pytest.mark.parametrize("style", STYLES)
def test_an_earlier_version_needs_its_handlers_too(build: Built, style: Style) -> None:
    with pytest.raises(RuntimeError, match=rf"version {TYPO.version}, step 'hotel': no handler 'bok'"):
        synth(build(style, previous_versions=[TYPO]))


def test_a_handler_that_is_no_participants_own_is_not_checked_for_names(build: Built) -> None:
    synth(build(handler="svc.wrapped.handler", saga=TYPO))


def test_a_handler_that_wants_its_environment_is_warned_about(build: Built) -> None:
    stack = build(handler="svc.wants.handler")
    found = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("HandlerNotChecked"))
    assert "importing the handler 'svc.wants.handler' raises KeyError: 'TABLE'" in str(found[0].entry.data)


def test_a_plain_function_is_told_what_it_needs() -> None:
    stack = Stack(new_app(), "Stack")
    functions = {"hotels": function(stack, "Plain")}
    STYLES[0](
        stack, "Saga", saga=STAY, participants=functions, ledger=Ledger(stack, "Ledger"), bus=SagaBus(stack, "Bus")
    )
    (found,) = Annotations.from_stack(stack).find_info("*", Match.string_like_regexp("ParticipantFunction"))
    text = str(found.entry.data)
    assert "the function of participant 'hotels' is no ParticipantFunction" in text
    assert "SAGA_LEDGER, SAGA_BUS, POWERTOOLS_METRICS_NAMESPACE" in text


def test_a_participant_function_is_told_nothing(build: Built) -> None:
    assert Annotations.from_stack(build()).find_info("*", Match.any_value()) == []


def test_handlers_of_a_bundle_are_imported_once(build: Built, bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    synth(build())
    monkeypatch.setattr("cdk_saga.aws.bundle.entries.subprocess.run", pytest.fail)
    synth(build())
    assert Path(bundle.folder.parent, f"{bundle.digest}.handlers.json").is_file()
