"""Synthesizing in tests, and templates as a reviewer wants to read them."""

import json
import re
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

from aws_cdk import App, Stack

Json = dict[str, Any]
ROOT: Final = Path(__file__).parents[1]
NOISE: Final = ("BootstrapVersion", "CheckBootstrapVersion", "CDKMetadata", "CDKMetadataAvailable", "aws:cdk:path")
"""What CDK adds to every template."""
EMBEDDED: Final = ("DashboardBody", "DefinitionString", "Input", "InputTemplate")
"""Properties that hold JSON as text; in a template for events a name like ``<saga>`` stands for an object."""


def new_app() -> App:
    """An app with the feature flags of ``cdk.json``, which otherwise only the CLI reads."""
    return App(
        context=_flags(),
        outdir=tempfile.mkdtemp(prefix="cdk.out."),
        analytics_reporting=False,
        builtin_cloud_formation_validation=False,
        tree_metadata=False,
    )


def synthesized(build: Callable[[Stack], object]) -> Json:
    """The template of a stack with what ``build`` puts into it."""
    app = new_app()
    build(Stack(app, "Stack"))
    return app.synth().get_stack_by_name("Stack").template


def of_type(template: Json, kind: str) -> dict[str, Json]:
    """The properties of all resources of one type, by logical id."""
    resources: dict[str, Json] = template.get("Resources", {})
    return {id: resource.get("Properties", {}) for id, resource in resources.items() if resource["Type"] == kind}


def only(template: Json, kind: str, containing: str = "") -> Json:
    """The properties of the one resource of that type whose logical id contains ``containing``."""
    return of_type(template, kind)[id_of(template, kind, containing)]


def id_of(template: Json, kind: str, containing: str) -> str:
    """The logical id of the one resource of that type whose logical id contains ``containing``."""
    (found,) = [id for id in of_type(template, kind) if containing in id]
    return found


def readable(value: Any) -> Any:
    """``value`` without what changes in every build, embedded JSON unfolded, references as in ``Fn::Sub``."""
    match value:
        case {"Ref": name} if len(value) == 1:
            return f"${{{name}}}"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"${{{name}.{attribute}}}"
        case {"Fn::ImportValue": name}:
            return f"${{import {name}}}"
        case {"Fn::GetStackOutput": {"StackName": stack, "OutputName": name}}:
            return f"${{{stack}:{name}}}"
        case {"Fn::Sub": str(text)}:
            return text
        case {"Fn::Join": ["", parts]}:
            return "".join(_text(readable(part)) for part in parts)
        case dict():
            items: Json = value
            return {key: _unfolded(key, item) for key, item in items.items() if key not in NOISE and item != {}}
        case list():
            return [readable(item) for item in value]
        case str():
            return re.sub(r"^python3\.\d+$", "python3", re.sub(r"^[0-9a-f]{64}(?=\.zip$)", "<asset>", value))
        case _:
            return value


def _unfolded(key: str, value: Any) -> Any:
    text = readable(value)
    if key in EMBEDDED and isinstance(text, str):
        return json.loads(re.sub(r":(<\w+>)", r':"\1"', text))
    return text


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@cache
def _flags() -> Json:
    return json.loads((ROOT / "cdk.json").read_text())["context"]
