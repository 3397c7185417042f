"""What the README shows is run."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack

from cdk_saga import Saga
from cdk_saga.aws import ChoreographedSaga, OrchestratedSaga
from cdk_saga.plan import compile_saga
from cdk_saga.render import mermaid
from manual.pages import ROOT, blocks
from rendered import README, block
from saga_runtime.envelope import parse
from saga_runtime.writes import Writes
from shop import payload
from stacks.trip import trip

if TYPE_CHECKING:
    from saga_runtime import Participant


def run(containing: str, **known: Any) -> dict[str, Any]:
    names: dict[str, Any] = dict(known)
    exec(compile(block(containing), "README.md", "exec"), names)  # noqa: S102 # our own README
    return names


def test_the_definition_is_the_one_that_the_demo_deploys() -> None:
    assert run('Step("hotel"')["trip"] == trip


def test_the_definition_is_at_most_eight_lines() -> None:
    definition = block('Step("hotel"').split("\n\n")[1]
    assert len(definition.strip().splitlines()) <= 8


def test_the_picture_is_drawn_from_the_definition() -> None:
    assert block("flowchart", "mermaid") == mermaid(compile_saga(trip))


def test_the_participant_books_and_cancels() -> None:
    shown = run("flights = Participant(")
    participant: Participant = shown["flights"]
    assert set(participant.handlers) == {"book_flight", "cancel_flight"}
    for name, handler in participant.handlers.items():
        command, writes = parse(payload(name)), Writes()
        handler.run(command, writes)  # type: ignore[call-arg]
        (entry,) = writes.entries
        assert entry["Update"]["UpdateExpression"] == f"ADD seats :{'less' if name == 'book_flight' else 'more'}"
    assert shown["handler"] == participant.handler


def test_the_app_has_the_saga_in_both_styles(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flights").mkdir()
    (tmp_path / "flights" / "__init__.py").write_text(block("flights = Participant("))
    shown = run("stack = Stack(App()")
    stack: Stack = shown["stack"]
    assert isinstance(stack.node.root, App)
    assert isinstance(stack.node.find_child("Trip"), OrchestratedSaga)
    assert isinstance(stack.node.find_child("TripByEvents"), ChoreographedSaga)
    assert isinstance(shown["trip"], Saga)


def test_the_runtimes_readme_shows_a_participant() -> None:
    (shown,) = blocks(ROOT / "runtime" / "README.md")
    names: dict[str, Any] = {}
    exec(compile(shown.text, str(shown), "exec"), names)  # noqa: S102 # our own page
    assert set(names["hotels"].handlers) == {"book_hotel", "cancel_hotel"}


def test_every_block_of_the_readme_is_run_or_compared_by_a_test_above() -> None:
    asked = re.findall(r"""\b(?:run|block)\((?:"([^"]+)"|'([^']+)')""", Path(__file__).read_text())
    texts = {double or single for double, single in asked}
    shown = [one for one in blocks(README) if one.language != "console"]
    assert len(shown) > len(texts) / 2
    assert [str(one) for one in shown if not any(text in one.text for text in texts)] == []
