"""The site is built without the network, no link in it is broken, and every page has its place in the navigation."""

import doctest
import importlib
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import cdk_saga
import saga_runtime
from cdk_saga.cost import Assumptions
from manual import reference
from manual.pages import DOCS, ROOT, pages
from saga_cli.simulated import compare
from stacks.trip import trip

pytestmark = pytest.mark.long("builds the whole site")
AT_A_PROVIDER = Assumptions(external=frozenset({"transfer"}))
"""What the pages assume of the trip."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("manual")
    shutil.copytree(DOCS, folder / "docs", ignore=shutil.ignore_patterns("api"))
    shutil.copy(ROOT / "zensical.toml", folder)
    for name, module in reference.load().items():
        page = folder / "docs" / "reference" / "api" / f"{name}.md"
        page.parent.mkdir(exist_ok=True)
        page.write_text(reference.page(module))
    build = [Path(sys.executable).with_name("zensical"), "build", "--strict"]
    done = subprocess.run(build, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "site"


def test_the_site_is_built_and_no_link_in_it_is_broken(site: Path) -> None:
    assert (site / "tutorial.html").exists()


def test_the_site_takes_nothing_from_the_network_to_be_read(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text()
        assert not re.findall(r'<(?:link|img)[^>]+(?:href|src)="?https?:[^>]+rel="?stylesheet', text)
        assert not re.findall(r'<img[^>]+src="?https?:', text)
        assert not re.findall(r"fonts\.googleapis", text)


def test_no_text_is_taken_for_a_formula(site: Path) -> None:
    assert not [page for page in site.rglob("*.html") if "arithmatex" in page.read_text()], "two $ in a line: say USD"


def test_the_comparison_shows_what_the_bench_measured() -> None:
    lines = json.loads((DOCS / "bench" / "requests.json").read_text())["lines"]
    measured = {(line["what"], line["unit"].split()[-1]): f"{line['rival']} | {line['ours']}" for line in lines}
    rows = re.findall(r"^\| (.+), ([\w ]+) \| (\d+ \| \d+) \|$", (DOCS / "comparison.md").read_text(), re.MULTILINE)
    assert len(rows) == 5
    assert [figures for *_, figures in rows] == [measured[what, unit.split()[-1]] for what, unit, _ in rows]


def test_the_meaning_shows_what_the_styles_cost() -> None:
    lines = {line.course: line for line in compare(trip, AT_A_PROVIDER).lines}
    priced = [lines[course] for course in ("all goes well", "transfer rejected")]
    shown = re.findall(r"\| USD ([\d.]+) \| USD ([\d.]+) \|", (DOCS / "meaning.md").read_text())
    assert shown == [(f"{line.orchestrated.total:.2f}", f"{line.choreographed.total:.2f}") for line in priced]


def entries(nav: list[Any]) -> list[str]:
    """The pages of a navigation."""
    found: list[str] = []
    for entry in nav:
        for target in entry.values():
            found += [target] if isinstance(target, str) else entries(target)
    return found


def test_every_page_is_in_the_navigation() -> None:
    told = entries(tomllib.loads((ROOT / "zensical.toml").read_text())["project"]["nav"])
    made = {f"reference/api/{name}.md" for name in reference.MODULES}
    written = {str(page.relative_to(DOCS)) for page in pages()}
    assert len(told) == len(set(told))
    assert set(told) == written | made, "a page that is not in zensical.toml's nav cannot be found; put it there"


def test_the_reference_tells_every_public_name_with_its_parameters(site: Path) -> None:
    modules = reference.load()
    for module in (cdk_saga, saga_runtime):
        text = reference.page(modules[module.__name__])
        assert not [name for name in module.__all__ if f"## {name} " not in text]
    html = (site / "reference" / "api" / "cdk_saga.aws.html").read_text()
    for told in (
        "OrchestratedSaga.grant_start",
        "participants",
        "the function of each participant that the steps name",
    ):
        assert told in html


KNOWN = {"Saga": cdk_saga.Saga, "Step": cdk_saga.Step, "Command": saga_runtime.Command, "Writes": saga_runtime.Writes}


@pytest.mark.parametrize(
    "name", ["cdk_saga.definition.saga", "cdk_saga.definition.parallel", "saga_runtime.participant"]
)
def test_the_examples_in_docstrings_run(name: str) -> None:
    done = doctest.testmod(importlib.import_module(name), extraglobs=KNOWN)
    assert done.attempted
    assert not done.failed
