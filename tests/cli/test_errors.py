"""Errors are one plain line: status 2 for what is asked wrongly, 1 for what fails."""

from collections.abc import Callable

import pytest
import typer
from botocore.exceptions import EndpointConnectionError, NoCredentialsError
from typer.testing import Result

from saga_cli.errors import plainly
from saga_runtime import Busy

Run = Callable[..., Result]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("start", "trip", "a/b"),
            "no saga 'trip' is deployed in account 123456789012, Region us-east-1; there are: none",
        ),
        (("start", "trip", "a", "--input", "[1]"), "--input is '[1]': a JSON object belongs there"),
        (("start", "trip", "a", "--input", "{"), "--input is no JSON"),
        (("complete", "trip", "a", "b", "--result", "[1]"), "--result is '[1]': a JSON object belongs there"),
        (("complete", "trip", "a", "b", "--result", "{"), "--result is no JSON"),
        (("watch", "trip", "a"), "no saga 'trip' is deployed in account"),
    ],
)
def test_bad_input_is_refused_in_one_line(run: Run, arguments: tuple[str, ...], words: str) -> None:
    shown = run(*arguments)
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert shown.stderr.startswith(f"cdk-saga: {words}")
    assert shown.stderr.count("\n") == 1


def test_what_fails_is_told_in_one_line(run: Run) -> None:
    shown = run("start", "trip", "a", "--input", "@nowhere.json")
    assert (shown.exit_code, shown.stderr) == (
        1,
        "cdk-saga: [Errno 2] No such file or directory: 'nowhere.json'\n",
    )


def test_nothing_is_guessed_about_where_aws_is(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "nowhere")
    shown = run("start", "trip", "a")
    advice = "Say where the sagas are: --region or --profile, AWS_REGION or AWS_PROFILE."
    assert (shown.exit_code, shown.stderr) == (1, f"cdk-saga: You must specify a region. {advice}\n")


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (NoCredentialsError(), "cdk-saga: Unable to locate credentials. Log in to the account"),
        (EndpointConnectionError(endpoint_url="http://there"), '"http://there". Nothing answers there; if it was a'),
    ],
)
def test_what_botocore_leaves_to_be_guessed_is_said(
    error: Exception, advice: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert raised(error) == 1
    assert advice in capsys.readouterr().err


def test_a_throttled_ledger_is_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert raised(Busy("DynamoDB throttles 'ledger'; ask again later")) == 1
    assert capsys.readouterr().err == "cdk-saga: DynamoDB throttles 'ledger'; ask again later\n"


def raised(error: Exception) -> int:
    """The exit status of a command that raises ``error``."""

    @plainly
    def command() -> None:
        raise error

    with pytest.raises(typer.Exit) as left:
        command()
    return left.value.exit_code
