"""What a customer writes reaches no terminal as a control sequence, whichever command shows it."""

import ast
import json
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import Result

import saga_cli
from saga_cli import output
from saga_runtime import client
from saga_runtime.client import Target
from saga_runtime.ledger import SagaKey
from saga_runtime.recovery import ControlOperations
from shop import payload
from world import World

Run = Callable[..., Result]
ESCAPES: Final = {
    "a window's title": "\x1b]0;owned\x07",
    "the clipboard": "\x1b]52;c;cm0gLXJmIH4=\x07",
    "a line above": "\x1b[1A\x1b[2K",
    "C1": "\x9b2J\x90q\x9c",
    "back over it": "paid\x08\x08\x08\x08due",
    "a line's begin": "owed 99\rpaid",
    "delete": "\x7f",
    "bidi": "\u202eevil\u202c \u2066a\u2069 \u200fb \u061cc",
    "unseen": "\u200b\u2028\ufeff\U000e0041",
}
HOSTILE: Final = "".join(ESCAPES.values())
BIDI: Final = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def acts(character: str) -> bool:
    """Whether a terminal acts on a character instead of showing it, by the Unicode database."""
    if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or unicodedata.bidirectional(character) in BIDI:
        return True
    return character in "\u061c\u200e\u200f"


def raw(shown: Result) -> list[str]:
    """The characters in an output that a terminal acts on, but for the ends of its lines."""
    return [hex(ord(one)) for one in shown.stdout + shown.stderr if one != "\n" and acts(one)]


def test_every_character_that_acts_is_printed_as_its_code() -> None:
    left = [
        hex(code) for code in range(sys.maxunicode + 1) if acts(chr(code)) and chr(code) in output.visible(chr(code))
    ]
    assert left == []
    usual = "Zoë 中文 שלום मनीषा 👩\u200d🚒 می\u200cخواهم"  # noqa: RUF001 # joiners belong to some words
    assert output.visible(usual) == usual


@pytest.fixture
def hostile(operations: ControlOperations, world: World, stacks: Any) -> ControlOperations:
    """A saga, a dead letter and a refusal, all of which quote what a customer wrote."""
    world.shop.answer = {"note": HOSTILE}
    world.call(payload("reserve", first=True, saga_id="t-2", given={"n": HOSTILE}))
    operations.context.sagas.mark_stuck(SagaKey("order", "t-2"), ["goods"], HOSTILE)
    (stack,) = stacks.pages
    url = json.loads(stack["Stacks"][0]["Outputs"][0]["OutputValue"])["dead_letters"]
    body = "".join(one for one in HOSTILE if one not in "\x00\x07\x08\x1b")  # SQS takes only what XML 1.0 does
    world.services.sqs.send_message(QueueUrl=url, MessageBody=body)
    return operations


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize(
    "arguments",
    [
        ("status", "order", "t-2"),
        ("status", "order", "t-2", "--json"),
        ("list",),
        ("list", "--json"),
        ("watch", "order", "t-2"),
        ("dead-letters", "order"),
        ("dead-letters", "order", "--json"),
        ("redrive", "order"),
        ("redrive", "order", "--discard", "--json"),
        ("report", "order", "t-2"),
        ("retry", "order", HOSTILE),
        ("cancel", "order", HOSTILE),
        ("status", HOSTILE, "t-2"),
        ("reject", "order", "t-2", HOSTILE, "--reason", HOSTILE),
        ("start", "order", "t-3", "--input", HOSTILE),
    ],
    ids=lambda arguments: " ".join(arguments).replace(HOSTILE, "EVIL"),
)
def test_no_command_prints_what_a_terminal_acts_on(run: Run, arguments: tuple[str, ...]) -> None:
    shown = run(*arguments)
    assert shown.stdout + shown.stderr
    assert raw(shown) == []


def test_a_state_and_a_refusal_from_recovery_are_cleaned(
    run: Run, operations: ControlOperations, monkeypatch: pytest.MonkeyPatch
) -> None:
    del operations  # is deployed

    def states(*_: Any, **__: Any) -> str:
        return HOSTILE

    def refuses(*_: Any, **__: Any) -> str:
        raise client.OperationRefused(HOSTILE)

    for answer in (states, refuses):
        monkeypatch.setattr(client, "cancel", answer)
        for options in ((), ("--json",)):
            shown = run("cancel", "order", "t-1", *options)
            assert (raw(shown), shown.stdout + shown.stderr != "") == ([], True)


@pytest.mark.usefixtures("hostile")
def test_json_says_the_same_as_the_ledger(run: Run) -> None:
    said = json.loads(run("status", "order", "t-2", "--json").stdout)
    assert (said["input"], said["steps"][0]["result"]) == ({"n": HOSTILE}, {"note": HOSTILE})


@pytest.mark.usefixtures("operations")
def test_a_stranger_with_a_hostile_stack_is_cleaned(run: Run, stacks: Any) -> None:
    fields = Target(name=HOSTILE, version="v", style="choreographed", where="bus")
    stacks.deploy(
        f"dev-{HOSTILE}", EvilStart={"name": fields.name, "version": "v", "style": fields.style, "where": "b"}
    )
    for arguments in (("status", "nothing", "t-1"), ("status", HOSTILE, "t-1"), ("list", "--stack", "dev-Order")):
        assert raw(run(*arguments)) == []


def test_nothing_prints_past_the_place_that_cleans() -> None:
    printing = {
        "typer.echo",
        "click.echo",
        "print",
        "sys.stdout.write",
        "sys.stderr.write",
        "Text",
        "Console",
        "rprint",
    }
    found = []
    for path in Path(saga_cli.__file__).parent.rglob("*.py"):
        calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
        found += [f"{path.name}:{call.lineno}" for call in calls if ast.unparse(call.func) in printing]
    assert [place for place in found if not place.startswith(("output.py:", "console.py:", "app.py:"))] == []
