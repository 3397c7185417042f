"""What breaks the local environment on purpose is no part of what is deployed."""

from pathlib import Path

import pytest

from cdk_saga.aws import Bundle
from stacks.participants import CODE
from templates import Json

WORDS = ("emulator_faults", "CDK_SAGA_LOCAL", "duplicate_is_due", "crash-after", "crash_after", "127.0.0.1")
"""What belongs to the local environment only, as its own files say it."""
TESTS = Path(__file__).parents[1]


def found(text: str) -> set[str]:
    return {word for word in WORDS if word.lower() in text.lower()}


def text(folder: Path) -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(folder.rglob("*.py")))


def test_the_words_are_those_of_the_local_environment() -> None:
    assert found(text(TESTS / "local") + text(TESTS / "emulator")) == set(WORDS)


def test_the_bundle_of_every_function_has_none_of_it() -> None:
    bundle = text(Bundle.runtime(CODE).folder)
    assert ("def book_flight" in bundle, "def carry_out" in bundle) == (True, True)
    assert found(bundle) == set()


@pytest.mark.parametrize("environment", ["dev", "stg", "prod"])
def test_no_template_but_the_local_ones_has_any_of_it(templates: dict[str, Json], environment: str) -> None:
    shown = {name: str(template) for name, template in templates.items() if name.startswith(f"{environment}-")}
    assert f"{environment}-Participants" in shown
    assert found("\n".join(shown.values())) == set()
