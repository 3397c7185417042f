"""Whatever the user's machine is like, an error is a line and never a traceback."""

import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Final

import boto3
import pytest
from typer.testing import CliRunner, Result

from saga_cli import __main__ as program
from saga_cli.main import app
from saga_runtime.recovery import ControlOperations
from shop import payload
from world import World

Run = Callable[..., Result]
REPOSITORY: Final = Path(__file__).parents[2]


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_pipe_of_any_encoding_takes_what_needs_no_aws(encoding: str) -> None:
    script = "import sys; from saga_cli.__main__ import run; sys.argv = ['cdk-saga', *sys.argv[1:]]; run()"
    shown = subprocess.run(
        [sys.executable, "-c", script, "cost", "stacks.trip:trip"],
        env={**os.environ, "PYTHONIOENCODING": f"{encoding}:strict"},
        cwd=REPOSITORY,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert (shown.returncode, shown.stderr, b"\\u2500" in shown.stdout) == (0, b"", False)


@pytest.mark.parametrize("encoding", ["cp1252", "koi8-r", "utf-8"])
def test_a_pipe_of_any_encoding_takes_a_name_from_anywhere(
    encoding: str, run: Run, operations: ControlOperations, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    del run, operations  # are in place
    world.call(payload("reserve", first=True, saga_id="t-2", given={"name": "王秀英 \U0001f4a5"}))
    world.shop.answer = {"note": "王秀英"}
    for arguments in (["status", "order", "t-2"], ["status", "order", "t-2", "--json"], ["report", "order", "t-2"]):
        pipe = io.BytesIO()
        monkeypatch.setattr(sys, "argv", ["cdk-saga", *arguments])
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(pipe, encoding=encoding))
        with pytest.raises(SystemExit) as ended:
            program.run()
        sys.stdout.flush()
        text = pipe.getvalue().decode(encoding)
        assert (ended.value.code, "t-2" in text) == (0, True)
        if "--json" in arguments:
            assert json.loads(text)["input"] == {"name": "王秀英 \U0001f4a5"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{café}".encode("latin-1"), "is not UTF-8 (at byte 4): save it as UTF-8"),
        ('{"card": "4111 1111 1111 1111"'.encode("utf-16"), "is not UTF-8 (at byte 0)"),
        (b'{"card": "4111 1111 1111 1111"', "is no JSON (Expecting ',' delimiter: line 1 column 31 (char 30))"),
        (b'"4111 1111 1111 1111"', "is of another kind: a JSON object belongs there"),
        (b'{"4111 1111 1111 1111": 1, "4111 1111 1111 1111": 2}', "one key twice"),
        (b"[" * 100_000, "too deeply nested"),
        (b"9" * 5_000, "a number too long"),
    ],
)
@pytest.mark.parametrize("pipe", [True, False], ids=["pipe", "file"])
def test_an_input_that_is_none_is_refused_without_showing_it(
    content: bytes, words: str, run: Run, tmp_path: Path, *, pipe: bool
) -> None:
    (tmp_path / "input.json").write_bytes(content)
    given = "-" if pipe else f"@{tmp_path}/input.json"
    shown = run("start", "order", "t-2", "--input", given, input=content if pipe else None)
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert (words in shown.stderr, "4111" in shown.stderr, shown.stderr.count("\n")) == (True, False, 1)


def test_an_input_with_a_byte_order_mark_is_read(
    run: Run, operations: ControlOperations, tmp_path: Path, world: World
) -> None:
    del operations  # is deployed
    (tmp_path / "input.json").write_bytes(b'\xef\xbb\xbf{"n": 7}')
    assert run("start", "order", "t-2", "--input", f"@{tmp_path}/input.json").exit_code == 0
    assert json.loads(world.published[-1]["Detail"])["input"] == {"n": 7}


VARIABLES: Final[list[dict[str, str]]] = [
    {"AWS_ENDPOINT_URL": "not a url"},
    {"AWS_ENDPOINT_URL": "localhost:4566"},
    {"AWS_ENDPOINT_URL": "http://"},
    {"AWS_ENDPOINT_URL": "http://[::1"},
    {"AWS_ENDPOINT_URL": "http://127.0.0.1:99999"},
    {"AWS_ENDPOINT_URL": "ftp://127.0.0.1"},
    {"AWS_ENDPOINT_URL_CLOUDFORMATION": "::::"},
    {"AWS_DEFAULT_REGION": "us east 1"},
    {"AWS_DEFAULT_REGION": "eu-\x1b[31m"},
    {"AWS_PROFILE": "nobody"},
    {"AWS_CA_BUNDLE": "/nowhere/ca.pem", "AWS_ENDPOINT_URL": "https://127.0.0.1:9"},
    {"AWS_CONFIG_FILE": "{broken}"},
    {"AWS_MAX_ATTEMPTS": "many"},
    {"AWS_RETRY_MODE": "never"},
    {"AWS_STS_REGIONAL_ENDPOINTS": "no"},
    {"AWS_DEFAULTS_MODE": "odd"},
    {"AWS_USE_FIPS_ENDPOINT": "perhaps", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
    {"HTTP_PROXY": "::::", "http_proxy": "::::", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
    {"http_proxy": "http://127.0.0.1:9", "AWS_ENDPOINT_URL": "http://localhost:9"},
    {"CDK_SAGA_STAGE": "\x1b[31m", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
]


@pytest.mark.parametrize("variables", VARIABLES, ids=lambda told: " ".join(f"{k}={v!a}" for k, v in told.items()))
def test_a_bad_variable_is_told_in_a_line(
    variables: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "config"
    broken.write_text("[profile\nregion", encoding="utf-8")
    known = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    quick = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    for name, value in {**known, **quick, **variables}.items():
        monkeypatch.setenv(name, value.replace("{broken}", str(broken)))
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    shown = CliRunner().invoke(app, ["list"])
    assert (isinstance(shown.exception, SystemExit), shown.exit_code in {1, 2}) == (True, True), shown.exception
    assert (shown.stderr.startswith("cdk-saga: "), shown.stderr.count("\n")) == (True, 1)
    assert "\x1b" not in shown.stderr


@pytest.mark.usefixtures("operations")
@pytest.mark.parametrize(
    "url", ["nowhere", "http://", "http://[::1", "http://127.0.0.1:99999", "ftp://127.0.0.1", "http://127.0.0.1:9", " "]
)
def test_a_bad_variable_of_the_local_environment_is_told_in_a_line(
    url: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDK_SAGA_LOCAL", url)
    shown = run("start", "order", "t-2", "--fail", "goods")
    assert (isinstance(shown.exception, SystemExit), shown.exit_code in {1, 2}) == (True, True), shown.exception
    assert (shown.stderr.startswith("cdk-saga: "), shown.stderr.count("\n")) == (True, 1)


@pytest.mark.usefixtures("operations")
@pytest.mark.parametrize("answer", [b"", b"<html>", b"[]", b"{}", b"7", b"[" * 100_000])
@pytest.mark.parametrize("status", [200, 404])
def test_another_server_in_its_place_is_told_in_a_line(
    status: int, answer: bytes, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Other(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        monkeypatch.setenv("CDK_SAGA_LOCAL", f"http://127.0.0.1:{server.server_port}")
        shown = run("start", "order", "t-2", "--fail", "goods")
    assert (shown.exit_code, "no local environment answers there" in shown.stderr) == (2, True)


EXTRAS: Final = {
    "cli": ("typer", "rich", "boto3"),
    "console": ("jinja2", "starlette", "uvicorn"),
    "testing": ("jsonata",),
}
USES: Final = {
    "cli": "import sys; from saga_cli.__main__ import run; sys.argv = ['cdk-saga', 'list']; run()",
    "console": "import sys; from saga_cli.__main__ import run; sys.argv = ['cdk-saga', 'console']; run()",
    "testing": "import cdk_saga.testing",
}


@pytest.mark.parametrize(("extra", "missing"), [(extra, name) for extra, names in EXTRAS.items() for name in names])
def test_a_missing_extra_is_named(extra: str, missing: str) -> None:
    script = f"import sys; sys.modules[{missing!r}] = None; {USES[extra]}"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=120)
    assert (shown.returncode != 0, f"cdk-saga[{extra}]" in shown.stderr.splitlines()[-1]) == (True, True), shown.stderr
