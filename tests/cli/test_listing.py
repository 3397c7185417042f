"""``cdk-saga list``: where it looks, and that it leaves nothing out without saying so."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import NoCredentialsError
from typer.testing import Result

from cli.conftest import Stacks
from saga_cli import environment
from saga_runtime.recovery import ControlOperations
from shop import TABLE, payload
from world import World

Run = Callable[..., Result]
ALL = [f"t-{number}" for number in range(58)]


@pytest.fixture
def many(operations: ControlOperations, world: World) -> None:
    """58 sagas, most of them begun in the same second."""
    del operations  # is deployed; it has begun t-1
    key = {"pk": {"S": "stock"}}
    world.services.dynamodb.put_item(TableName=TABLE, Item={**key, "pieces": {"N": "100"}})
    for id in ALL[:1] + ALL[2:]:
        begun = payload("reserve", saga_id=id, first=True)
        begun["saga"]["started"] += id == "t-30"
        world.call(begun)


def ids(shown: Result) -> list[str]:
    return [one["id"] for one in json.loads(shown.stdout)]


@pytest.mark.usefixtures("many")
def test_a_list_says_that_there_are_more(run: Run) -> None:
    shown = run("list", "order")
    assert shown.stdout.count("running") == 50
    assert "There are more of order: --limit, --all, or `--after " in shown.stderr
    for complete in (("--limit", "58"), ("--all",)):
        shown = run("list", "order", *complete)
        assert (shown.stdout.count("running"), shown.stderr) == (58, "")


@pytest.mark.usefixtures("many")
def test_a_list_for_machines_is_complete_unless_a_limit_is_asked_for(run: Run) -> None:
    shown = run("list", "--json")
    assert (sorted(ids(shown)), shown.stderr) == (sorted(ALL), "")
    shown = run("list", "--json", "--limit", "7")
    assert (len(ids(shown)), "There are more of order" in shown.stderr) == (7, True)


@pytest.mark.usefixtures("many")
def test_pages_together_are_the_list(run: Run) -> None:
    pages, after = list[str](), list[str]()
    while True:
        shown = run("list", "order", "--json", "--limit", "8", *after)
        pages += ids(shown)
        if not shown.stderr:
            break
        after = shown.stderr.partition("`")[2].partition("`")[0].split()
    assert (pages[0], pages) == ("t-30", ids(run("list", "order", "--json")))
    assert sorted(pages) == sorted(ALL)


@pytest.mark.usefixtures("operations")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("order", "--after", "t-1"), "the cursor is 't-1': it is what the end of a page"),
        (("--after", "1-t-1"), "--after needs the saga's name"),
    ],
)
def test_a_cursor_of_no_page_is_refused(run: Run, arguments: tuple[str, ...], words: str) -> None:
    shown = run("list", *arguments)
    assert (shown.exit_code, shown.stderr.startswith(f"cdk-saga: {words}")) == (2, True), shown.stderr


@pytest.mark.usefixtures("operations")
def test_a_list_names_account_region_and_stage(run: Run) -> None:
    shown = run("list", "--stage", "dev")
    assert shown.stdout.startswith("account 123456789012, Region us-east-1, stage dev\n")
    empty = run("list", "--state", "STUCK")
    assert (empty.exit_code, empty.stdout) == (0, "No saga matches in account 123456789012, Region us-east-1.\n")


@pytest.mark.usefixtures("operations")
@pytest.mark.parametrize("narrowed", [("--stage", "prod"), ("--stack", "other")])
@pytest.mark.parametrize("saga", [(), ("order",)])
def test_where_nothing_is_deployed_the_place_is_named_as_an_error(
    run: Run, narrowed: tuple[str, str], saga: tuple[str, ...]
) -> None:
    shown = run("list", *saga, *narrowed)
    assert (shown.exit_code, shown.stdout) == (2, "")
    place = f"is deployed in account 123456789012, Region us-east-1, {narrowed[0][2:]} {narrowed[1]}"
    assert place in shown.stderr
    assert "--profile, --region" in shown.stderr


def test_an_account_that_is_not_told_is_no_error(run: Run, stacks: Stacks, monkeypatch: pytest.MonkeyPatch) -> None:
    del stacks
    made = environment.client

    def client(name: str) -> Any:
        if name == "sts":
            raise NoCredentialsError
        return made(name)

    monkeypatch.setattr(environment, "client", client)
    assert "is deployed in account unknown, Region us-east-1" in run("list").stderr


@pytest.mark.parametrize(
    ("arguments", "variables", "region"),
    [
        ((), {"AWS_DEFAULT_REGION": "eu-west-1"}, "eu-west-1"),
        ((), {"AWS_REGION": "eu-west-2", "AWS_DEFAULT_REGION": "eu-west-1"}, "eu-west-2"),
        (("--region", "eu-west-3"), {"AWS_REGION": "eu-west-2"}, "eu-west-3"),
        (("--profile", "there"), {}, "eu-north-1"),
        (("--profile", "there", "--region", "eu-west-3"), {}, "eu-west-3"),
    ],
)
def test_region_and_profile_are_those_asked_for(
    run: Run,
    stacks: Stacks,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,
    arguments: tuple[str, ...],
    variables: dict[str, str],
    region: str,
) -> None:
    (tmp_path / "config").write_text("[profile there]\nregion = eu-north-1\n")
    (tmp_path / "credentials").write_text("[there]\naws_access_key_id = THERE\naws_secret_access_key = x\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    made, reached = environment.client, list[tuple[str, bool]]()

    def client(name: str) -> Any:
        if name == "cloudformation":
            sts: Any = made("sts")
            key = sts._request_signer._credentials.access_key  # noqa: SLF001 # botocore says it nowhere else
            reached.append((sts.meta.region_name, key == "THERE"))
            return stacks
        return made(name)

    monkeypatch.setattr(environment, "client", client)
    run("list", *arguments)
    assert reached[0] == (region, "--profile" in arguments)
