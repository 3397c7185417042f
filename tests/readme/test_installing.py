"""Nothing that a reader follows asks an index for a name of ours, which anybody could have registered there."""

import hashlib
import json
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Final

import pytest

from manual.pages import DOCS, READMES, ROOT, pages
from saga_cli.installed import requirement
from wheels.__main__ import requirements

pytestmark = pytest.mark.long("fresh environments, with pip and uv")

SHOWN: Final = (
    *READMES,
    *pages(),
    *sorted((ROOT / "constructs" / "saga_cli" / "starter").rglob("*.txt")),
    *sorted((ROOT / "constructs").rglob("*.py")),
    *sorted((ROOT / "runtime").rglob("*.py")),
    *sorted((ROOT / ".github").rglob("*.yml")),
    ROOT / "Makefile",
)
INSTALLERS: Final = re.compile(
    r"(?:pip3?|pipx|uvx?|poetry|pdm|rye|conda) (?:install|add|run|tool|download|wheel)\b([^\n`]*)"
)
BY_NAME: Final = re.compile(r"(?<![\w./-])(?:cdk[-_]saga|saga[-_]runtime)(?![\w.-]*\.whl|/)")
SOURCES: Final = ("PIP_FIND_LINKS", "--find-links", "--extra-index-url", "PIP_EXTRA_INDEX_URL", "UV_FIND_LINKS")


def told(page: Path) -> list[str]:
    """What a file tells its reader to install by a name of ours."""
    text = page.read_text(encoding="utf-8")
    found = [line for line in INSTALLERS.findall(text) if BY_NAME.search(line)]
    return [*found, *(source for source in SOURCES if source in text)]


@pytest.mark.parametrize(
    "text",
    [
        "pip install cdk-saga",
        "pip install 'cdk-saga[cli]'",
        'pip install -q "saga-runtime[boto3]" x',
        "uv add saga_runtime==1",
        "uvx install cdk-saga",
        'export PIP_FIND_LINKS="$PWD/dist"',
    ],
)
def test_a_bare_name_is_seen(text: str, tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(text)
    assert told(tmp_path / "page.md")


@pytest.mark.parametrize(
    "text",
    ["pip install --requirement ../cdk-saga/dist/requirements.txt", "pip install ./cdk_saga-0.1.0-py3-none-any.whl"],
)
def test_a_path_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(text)
    assert told(tmp_path / "page.md") == []


def test_nothing_is_installed_by_a_name_of_ours() -> None:
    assert {str(page.relative_to(ROOT)): told(page) for page in SHOWN if told(page)} == {}


def test_the_release_begins_with_the_names() -> None:
    first = re.search(r"^1\. (.*)", (DOCS / "release.md").read_text(), flags=re.MULTILINE)
    assert first is not None
    assert first[1].startswith("Register `cdk-saga` and `saga-runtime`")


def test_the_wheels_are_named_by_path_and_hash(tmp_path: Path) -> None:
    for name in ("cdk_saga", "saga_runtime"):
        (tmp_path / f"{name}-0.1.0-py3-none-any.whl").write_bytes(name.encode())
    lines = requirements(tmp_path).splitlines()[1:]
    digests = [hashlib.sha256(name.encode()).hexdigest() for name in ("cdk_saga", "saga_runtime")]
    paths = [(tmp_path / f"{name}-0.1.0-py3-none-any.whl").as_uri() for name in ("cdk_saga", "saga_runtime")]
    assert lines == [
        f"cdk-saga[cli,console,testing] @ {paths[0]}#sha256={digests[0]}",
        f"saga-runtime[boto3] @ {paths[1]}#sha256={digests[1]}",
    ]


def test_a_wheel_of_two_versions_is_ambiguous(tmp_path: Path) -> None:
    for version in ("0.1.0", "0.2.0"):
        (tmp_path / f"cdk_saga-{version}-py3-none-any.whl").touch()
    with pytest.raises(ValueError, match="too many values"):
        requirements(tmp_path)


def test_make_wheels_writes_them_down() -> None:
    rules = subprocess.run(
        ["/usr/bin/env", "make", "--no-print-directory", "-n", "wheels"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert rules.splitlines()[-1].endswith(f"{Path(sys.executable).parent.parent.name}/bin/python -m wheels dist")


class Distribution:
    """An installed distribution, as far as it says where it came from."""

    version = "0.1.0"

    def __init__(self, origin: dict[str, object] | None) -> None:
        self.origin = origin

    def read_text(self, name: str) -> str | None:
        assert name == "direct_url.json"
        return None if self.origin is None else json.dumps(self.origin)


@pytest.mark.parametrize(
    ("origin", "line"),
    [
        (
            {"url": "file:///w.whl", "archive_info": {"hashes": {"sha256": "ab"}}},
            "saga-runtime[x] @ file:///w.whl#sha256=ab",
        ),
        ({"url": "file:///w.whl#sha256=ab", "archive_info": {}}, "saga-runtime[x] @ file:///w.whl#sha256=ab"),
        ({"url": "file:///clone/runtime", "dir_info": {"editable": True}}, "saga-runtime[x] @ file:///clone/runtime"),
        (None, "saga-runtime[x]==0.1.0"),
    ],
    ids=["pip", "uv", "editable", "from an index"],
)
def test_an_app_installs_what_is_installed_here(
    origin: dict[str, object] | None, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metadata, "distribution", lambda _: Distribution(origin))
    assert requirement("saga-runtime", "x") == line
