"""The review: what would be lost is said first and fails, unless agreed to; the rest is shown once."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cdk_saga import Retry, Saga
from review.__main__ import main
from review.assemblies import Stack
from review.changes import STATEFUL, Change, Loss
from review.comment import LONGEST, comment
from review.pictures import definitions, draw, drawn
from review.terse import terse
from review.versions import forgotten
from stacks.business_trip import business_trip
from stacks.order import order
from stacks.trip import trip

Json = dict[str, Any]
TABLE: Json = {
    "Type": "AWS::DynamoDB::Table",
    "Properties": {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"},
}
ALARM: Json = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"ComparisonOperator": "x", "EvaluationPeriods": 1}}
CODE: Json = {
    "Type": "AWS::Lambda::Function",
    "Properties": {"Code": {"S3Bucket": "assets", "S3Key": f"{'a' * 64}.zip"}, "Role": "r"},
}


def folder(path: Path, stacks: dict[str, Json], pictures: dict[str, str] | None = None) -> Path:
    """What ``material`` makes, of stages with these stacks and resources."""
    assembly = path / "cdk.out"
    stages = {name.split("/")[0] for name in stacks}
    write(assembly, {stage: nested(f"assembly-{stage}") for stage in stages})
    for stage in stages:
        own = {name: resources for name, resources in stacks.items() if name.startswith(f"{stage}/")}
        write(assembly / f"assembly-{stage}", {name.replace("/", ""): stack(name) for name in own})
        for name, resources in own.items():
            file = assembly / f"assembly-{stage}" / f"{name.replace('/', '')}.template.json"
            file.write_text(json.dumps({"Resources": resources}))
    (path / "pictures").mkdir()
    for name, picture in (pictures or {}).items():
        (path / "pictures" / f"{name}.mmd").write_text(picture)
    return path


def write(assembly: Path, artifacts: Json) -> None:
    assembly.mkdir(parents=True)
    (assembly / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))


def nested(directory: str) -> Json:
    return {"type": "cdk:cloud-assembly", "properties": {"directoryName": directory}}


def stack(name: str) -> Json:
    properties = {"templateFile": f"{name.replace('/', '')}.template.json"}
    return {"type": "aws:cloudformation:stack", "displayName": name, "properties": properties}


class Review:
    """Compares two folders."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path = path
        self.capsys = capsys

    def __call__(self, before: dict[str, Json], after: dict[str, Json], *more: str, **pictures: Any) -> tuple[int, str]:
        base = folder(self.path / "base", before, pictures.get("drawn_before"))
        head = folder(self.path / "head", after, pictures.get("drawn_after"))
        status = main(["compare", str(base), str(head), *more])
        return status, self.capsys.readouterr().out


@pytest.fixture
def review(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Review:
    return Review(tmp_path, capsys)


def test_a_replaced_table_fails_and_is_said_first(review: Review) -> None:
    other = {**TABLE, "Properties": {**TABLE["Properties"], "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}}
    status, text = review({"prod/State": {"Ledger": TABLE}}, {"prod/State": {"Ledger": other}})
    assert status == 1
    assert "### :warning: Destructive: 1" in text.split("### Stacks")[0]
    assert "| prod/State | `Ledger` AWS::DynamoDB::Table | is replaced | its items |" in text
    assert "KeySchema (requires replacement)" in text


def test_a_renamed_table_is_a_removed_one(review: Review) -> None:
    status, text = review({"prod/State": {"Ledger": TABLE}}, {"prod/State": {"Book": TABLE}}, "--allowed")
    assert status == 0, "agreed to by the label"
    assert "| prod/State | `Ledger` AWS::DynamoDB::Table | is deleted | its items |" in text
    assert "Agreed to by the label `allow-destructive`" in text


@pytest.mark.parametrize("kind", sorted(STATEFUL))
def test_a_stack_that_is_gone_takes_what_it_holds_with_it(review: Review, kind: str) -> None:
    held = {"It": {"Type": kind}, "Kept": {"Type": kind, "DeletionPolicy": "Retain"}, "Alarm": ALARM}
    status, text = review({"prod/State": held}, {"dev/State": {}})
    assert status == 1
    assert f"| prod/State | `It` {kind} | is deleted |" in text
    assert f"| prod/State | `Kept` {kind} | leaves the stack, and is kept |" in text
    assert "Destructive: 2" in text
    assert "The stack is new: 0 resources." in text


def test_a_changed_alarm_passes_and_is_shown_once_for_all_environments(review: Review) -> None:
    other = {**ALARM, "Properties": {**ALARM["Properties"], "EvaluationPeriods": 2}}
    stages = ("dev", "prod")
    status, text = review(
        {f"{stage}/Trip": {"A": ALARM} for stage in stages}, {f"{stage}/Trip": {"A": other} for stage in stages}
    )
    assert status == 0
    assert "No stateful resource is replaced or removed." in text
    assert text.count("EvaluationPeriods") == 1
    assert "<summary>Trip (dev, prod)</summary>" in text


def test_a_changed_state_is_shown_and_not_the_whole_machine(review: Review) -> None:
    def machine(timeout: int) -> Json:
        definition = {"StartAt": "a", "States": {"a": {"Type": "Task", "TimeoutSeconds": timeout}}}
        return {
            "M": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {"DefinitionString": json.dumps(definition)},
            }
        }

    status, text = review({"dev/Trip": machine(30)}, {"dev/Trip": machine(31)})
    assert status == 0
    assert "[~] .TimeoutSeconds:" in text
    assert "StartAt" not in text


def test_what_is_deployed_to_the_local_aws_only_is_nobodys_loss(review: Review) -> None:
    assert review({"local/State": {"Ledger": TABLE}}, {})[0] == 0


def test_other_code_is_no_difference(review: Review) -> None:
    other = json.loads(json.dumps(CODE).replace("a" * 64, "b" * 64))
    status, text = review({"dev/Trip": {"F": CODE}}, {"dev/Trip": {"F": other}})
    assert status == 0
    assert "### Stacks that differ: none" in text


def test_a_changed_saga_is_drawn_with_the_lines_that_changed(review: Review) -> None:
    before = {"trip": "flowchart LR\n    a --> b\n", "same": "flowchart LR\n", "gone": "flowchart LR\n"}
    after = {"trip": "flowchart LR\n    a --> c\n", "same": "flowchart LR\n"}
    status, text = review({}, {}, drawn_before=before, drawn_after=after)
    assert status == 0
    assert "```mermaid\nflowchart LR\n    a --> c\n```" in text
    assert "-    a --> b\n+    a --> c" in text
    assert "`gone` is gone." in text
    assert "`same`" not in text


def test_templates_that_cannot_be_compared_are_an_error(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("review.changes.cdk", lambda *_arguments, **_options: (1, "no Node here"))
    with pytest.raises(RuntimeError, match="dev/Trip: `cdk diff` could not compare the templates: no Node here"):
        review({"dev/Trip": {"F": CODE}}, {"dev/Trip": {"F": ALARM}})


def test_a_comment_is_no_longer_than_github_takes_it() -> None:
    pictures = {f"s{i}": "flowchart LR\n" + "    a --> b\n" * 500 for i in range(20)}
    text = comment([], {}, pictures, allowed=False)
    assert len(text) < LONGEST + 200
    assert "**It goes on**" in text


def test_what_a_reviewer_must_not_miss_comes_before_what_may_be_cut_off() -> None:
    harmless = Change(Stack("dev/App", ""), "[~] much", ())
    harmful = Change(Stack("dev/State", ""), "[-] the ledger", (Loss("AWS::DynamoDB::Table", "Ledger", "destroy"),))
    text = comment([harmless, harmful], {}, {"trip": "flowchart LR\n"}, allowed=False)
    assert text.index("`trip`") < text.index("[-] the ledger") < text.index("[~] much")


def test_every_saga_of_the_app_is_drawn(tmp_path: Path) -> None:
    draw(tmp_path / "pictures")
    assert definitions() == {"trip": trip, "order": order, "business-trip": business_trip}
    assert {file.name for file in (tmp_path / "pictures").iterdir()} == {"trip.mmd", "order.mmd", "business-trip.mmd"}


def recovery(version: str, *previous_versions: str, machine: bool = False) -> Json:
    """Recovery of a saga in a template."""
    old = json.dumps({one: {} for one in previous_versions})
    variables: Json = {"SAGA_NAME": "trip", "SAGA_VERSION": version, "SAGA_STEPS": "{}", "SAGA_PREVIOUS_VERSIONS": old}
    variables |= {"SAGA_STATE_MACHINE": {"Ref": "Version"}} if machine else {}
    return {"Type": "AWS::Lambda::Function", "Properties": {"Environment": {"Variables": variables}}}


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ({"R": recovery("v2", "v1")}, []),
        (
            {"R": recovery("v2")},
            ["devTrip: saga `trip` forgets version `v1`: keep that definition in `previous_versions=[…]`"],
        ),
        ({"R": recovery("v1", machine=True)}, ["devTrip: saga `trip` becomes orchestrated"]),
        ({"T": TABLE}, ["devTrip: saga `trip` is removed"]),
    ],
    ids=["kept", "forgotten", "another style", "removed"],
)
def test_what_sagas_under_way_would_miss_is_named(tmp_path: Path, after: Json, said: list[str]) -> None:
    before = folder(tmp_path / "base", {"dev/Trip": {"R": recovery("v1")}})
    head = folder(tmp_path / "head", {"dev/Trip": after})
    assert forgotten(before / "cdk.out", head / "cdk.out") == said
    text = comment([], {}, {}, allowed=False, forgotten=said)
    assert [line.removeprefix("- ") for line in text.splitlines() if line.startswith("- ")] == said


def test_a_changed_retry_policy_is_a_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *rest = trip.all_steps
    changed = replace(trip, steps=(replace(first, retry=Retry(max_attempts=7)), *rest))
    sagas: list[dict[str, Saga]] = [{"trip": trip}, {"trip": changed}]
    for saga in sagas:
        monkeypatch.setattr("review.pictures.definitions", lambda saga=saga: saga)
        draw(tmp_path / str(sagas.index(saga)))
    text = comment([], drawn(tmp_path / "0"), drawn(tmp_path / "1"), allowed=False)
    assert "### Sagas that differ: 1" in text
    (line,) = (line for line in text.splitlines() if line.startswith("+"))
    assert ("flight" in line, "max_attempts=7" in line) == (True, True)
    assert "%%" not in text.partition("```mermaid")[2].partition("```")[0]


def test_environments_that_differ_in_names_alone_are_shown_once(review: Review) -> None:
    def named(stage: str, version: str, periods: int) -> Json:
        saga = {"SAGA_NAME": "trip", "SAGA_VERSION": version, "SAGA_STEPS": "{}", "SAGA_PREVIOUS_VERSIONS": "{}"}
        function = {"Type": "AWS::Lambda::Function", "Properties": {"Environment": {"Variables": saga}}}
        name = {**ALARM["Properties"], "AlarmName": f"{stage}-Late {version}", "EvaluationPeriods": periods}
        return {"R": function, "A": {**ALARM, "Properties": name}}

    stages = {"dev": "a" * 12, "prod": "b" * 12}
    before = {f"{stage}/Trip": named(stage, version, 1) for stage, version in stages.items()}
    after = {f"{stage}/Trip": named(stage, version[::-1], 2) for stage, version in stages.items()}
    text = review(before, after)[1]
    assert "<summary>Trip (dev, prod)</summary>" in text
    assert text.count("EvaluationPeriods") == 1
    assert "Late" not in text


def test_a_local_run_prints_all_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pictures = {f"s{i}": "flowchart LR\n" + "    a --> b\n" * 500 for i in range(20)}
    base, head = folder(tmp_path / "base", {}), folder(tmp_path / "head", {}, pictures)
    assert main(["compare", str(base), str(head)]) == 0
    text = capsys.readouterr().out
    assert (len(text) > 2 * LONGEST, "It goes on" in text) == (True, False)
    assert main(["compare", str(base), str(head), "--output", str(tmp_path / "comment.md")]) == 0
    assert "**It goes on**: `make review` prints all of it" in (tmp_path / "comment.md").read_text()


def test_a_difference_is_told_without_what_stays() -> None:
    text = """IAM Statement Changes
┌───┬──────────┬────────┬────────┬───────────┐
│   │ Resource │ Effect │ Action │ Principal │
├───┼──────────┼────────┼────────┼───────────┤
│ + │ ${Queue} │ Allow  │ sqs:A  │ AWS:role  │
│   │          │        │ sqs:B  │           │
└───┴──────────┴────────┴────────┴───────────┘
(NOTE: There may be more)

Resources
[~] AWS::IAM::Policy P
 └─ [~] PolicyDocument
     └─ @@ -1,2 +1,3 @@
        [+] "sqs:B"
[~] AWS::Lambda::Function F
 ├─ [~] Environment
 │   └─ [~] .Variables:
 │       └─ [~] .LAST:
 │           ├─ [-] a
 │           └─ [+] b
 └─ [~] States
     ├─ [-] Removed: .End
     └─ [+] Added: .Next"""
    assert terse(text).splitlines() == [
        "IAM Statement Changes",
        "[+] Allow sqs:A sqs:B on ${Queue} for AWS:role",
        "Resources",
        "[~] AWS::Lambda::Function F",
        " ├─ [~] Environment [~] .Variables: [~] .LAST: a → b",
        " └─ [~] States",
        "     ├─ [-] Removed: .End",
        "     └─ [+] Added: .Next",
    ]
