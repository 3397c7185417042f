"""``cdk-saga report`` and ``cdk-saga console``, from their arguments on."""

import builtins
import os
import re
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from typer.testing import Result

from html_page import Page, words

Run = Callable[..., Result]


@pytest.mark.usefixtures("stuck")
def test_a_report_is_one_file_that_needs_nothing_else(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "t-1.html"
    assert run("report", "order", "t-1", "-o", str(file)).stdout == f"wrote {file}\n"
    page = Page(file.read_text(encoding="utf-8"))
    assert (words(page.one("h1")), words(page.one("p", class_="state"))) == ("order t-1", "stuck")
    attributes = [value for one in page.root.iter() for value in one.attrib.values()]
    assert [value for value in attributes if "http:" in value or "https:" in value or value.startswith("//")] == []
    assert [one.attrib["href"] for one in page.root.iter() if "href" in one.attrib] == ["data:,"]
    assert "url(" not in words(page.one("style"))
    assert [tag for tag in ("script", "form", "iframe", "img") if [*page.all(tag)]] == []
    policy = page.one("meta", http_equiv="Content-Security-Policy").attrib["content"]
    assert policy.startswith("default-src 'none'")


@pytest.mark.usefixtures("operations")
@pytest.mark.parametrize("there", [False, True], ids=["new", "over what everybody could read"])
def test_a_report_can_be_read_by_its_owner_alone(run: Run, tmp_path: Path, *, there: bool) -> None:
    file = tmp_path / "t-1.html"
    if there:
        file.write_text("x" * 1_000_000)
        file.chmod(0o644)
    mask = os.umask(0)
    try:
        assert run("report", "order", "t-1", "-o", str(file)).exit_code == 0
    finally:
        os.umask(mask)
    assert stat.S_IMODE(file.stat().st_mode) == stat.S_IRUSR | stat.S_IWUSR
    assert file.read_text(encoding="utf-8").endswith("</html>")


@pytest.mark.usefixtures("operations")
def test_a_report_of_a_running_saga_does_not_wait_for_more(run: Run) -> None:
    page = Page(run("report", "order", "t-1").stdout)
    assert words(page.one("p", class_="state")) == "running"
    assert [*page.all("noscript")] == []


@pytest.mark.usefixtures("operations")
def test_a_report_draws_the_definition_it_is_given(run: Run) -> None:
    page = Page(run("report", "order", "t-1", "--definition", "stacks.order:order").stdout)
    assert [one for one in page.all("g") if one.get("data-task") == "payment.action"]


@pytest.mark.usefixtures("operations")
def test_the_console_listens_on_this_machine_only(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Any] = []

    def serve(_: uvicorn.Server, sockets: list[socket.socket]) -> None:
        heard.extend(one.getsockname() for one in sockets)
        for one in sockets:
            one.close()

    monkeypatch.setattr(uvicorn.Server, "run", serve)
    shown = run("console", "--definition", "stacks.trip:trip")
    ((host, port),) = heard
    path = r"[A-Za-z0-9_-]{43}"
    assert host == "127.0.0.1"
    assert re.fullmatch(rf"http://127\.0\.0\.1:{port}/{path}/ shows the sagas; Ctrl-C ends it\n", shown.stdout)


@pytest.mark.usefixtures("operations")
def test_a_port_that_is_taken_is_named(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        shown = run("console", "--port", str(port))
    assert (shown.exit_code, shown.stderr.startswith(f"cdk-saga: --port {port}: ")) == (1, True)


@pytest.mark.usefixtures("operations")
@pytest.mark.parametrize("arguments", [("console",), ("report", "order", "t-1")])
def test_without_its_extra_the_command_says_what_to_install(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    found = builtins.__import__

    def missing(name: str, *more: Any) -> Any:
        if name in ("uvicorn", "saga_cli.console.pages"):
            raise ModuleNotFoundError(f"No module named {name!r}")
        return found(name, *more)

    monkeypatch.setattr(builtins, "__import__", missing)
    shown = run(*arguments)
    assert (shown.exit_code, "install the wheel as cdk-saga[console]" in shown.stderr) == (2, True)
