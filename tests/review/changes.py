"""What becomes of resources, as the CDK CLI judges it: ``cdk diff`` of two templates, which needs no AWS account."""

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from review.assemblies import Stack
from review.cdk import cdk
from review.terse import terse

STATEFUL: Final = {
    "AWS::DynamoDB::GlobalTable": "its items",
    "AWS::DynamoDB::Table": "its items",
    "AWS::Events::Archive": "the events in it",
    "AWS::Events::EventBus": "what is sent until its rules are there again",
    "AWS::KMS::Key": "everything encrypted under it",
    "AWS::Logs::LogGroup": "its logs",
    "AWS::S3::Bucket": "its objects",
    "AWS::SNS::Topic": "its confirmed subscriptions",
    "AWS::SQS::Queue": "the messages in it",
    "AWS::StepFunctions::StateMachine": "the executions under way",
}
"""What is lost with a resource."""
DESTRUCTIVE: Final = {
    "replace": "is replaced",
    "may be replaced": "may be replaced",
    "destroy": "is deleted",
    "orphan": "leaves the stack, and is kept",
}
_LINE: Final = re.compile(r"^\[[-+~]\] (\w+::\S+) (.+?)(?: (replace|may be replaced|destroy|orphan|import))?$")


@dataclass(frozen=True)
class Loss:
    """A stateful resource that is replaced or removed.

    Args:
        kind: its CloudFormation type.
        name: its path and logical id, or the latter alone.
        impact: a key of :data:`DESTRUCTIVE`.
    """

    kind: str
    name: str
    impact: str


@dataclass(frozen=True)
class Change:
    """A stack that is not what it was.

    Args:
        stack: which.
        text: the difference, as ``cdk diff`` shows it.
        losses: what is replaced or removed with it.
    """

    stack: Stack
    text: str
    losses: tuple[Loss, ...]


def changes(base: Mapping[str, Stack], head: Mapping[str, Stack]) -> Iterator[Change]:
    """Every stack that differs."""
    for name in sorted({**base, **head}):
        before, after = base.get(name), head.get(name)
        if after is None and before is not None:
            yield Change(before, "The stack is gone.", tuple(_all_lost(before)))
        elif before is None and after is not None:
            yield Change(after, f"The stack is new: {len(after.resources)} resources.", ())
        elif before and after and before.template != after.template:
            text = difference(before, after)
            yield Change(after, terse(text), tuple(losses(text)))


def difference(before: Stack, after: Stack) -> str:
    """What ``cdk diff`` says.

    Raises:
        RuntimeError: it could not compare them.
    """
    with tempfile.TemporaryDirectory() as folder:
        app, template = Path(folder, "app"), Path(folder, "before.json")
        template.write_text(before.template)
        app.mkdir()
        (app / "manifest.json").write_text(json.dumps(_manifest()))
        (app / "stack.template.json").write_text(after.template)
        compared = ("diff", "stack", "--template", template, "--method", "template")
        _, text = cdk("--app", app, *compared, folder=Path(folder))
    if "Number of stacks with differences" not in text:
        raise RuntimeError(f"{after.name}: `cdk diff` could not compare the templates: {text}")
    return text.rsplit("Stack stack\n", maxsplit=1)[-1].split("\n✨", maxsplit=1)[0].strip()


def losses(text: str) -> Iterator[Loss]:
    """The stateful resources that a difference replaces or removes."""
    for line in text.splitlines():
        found = _LINE.match(line)
        if found and found[3] in DESTRUCTIVE and found[1] in STATEFUL:
            yield Loss(found[1], found[2], found[3])


def _all_lost(stack: Stack) -> Iterator[Loss]:
    for name, resource in stack.resources.items():
        if resource["Type"] in STATEFUL:
            kept = resource.get("DeletionPolicy", "Delete") != "Delete"
            yield Loss(resource["Type"], name, "orphan" if kept else "destroy")


def _manifest() -> dict[str, object]:
    """An assembly of one stack, whatever stage it is from."""
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://unknown-account/unknown-region",
        "properties": {"templateFile": "stack.template.json"},
    }
    return {"version": "36.0.0", "artifacts": {"stack": stack}}
