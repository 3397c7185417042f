"""What a synthesized app would deploy, as far as its sagas are concerned: read from the templates in ``cdk.out``."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from saga_cli.errors import BadRequest
from saga_runtime.recovery.versions import unpacked

Json = dict[str, Any]
STACK: Final = "aws:cloudformation:stack"
NESTED: Final = "cdk:cloud-assembly"


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A saga in a template.

    Attributes:
        stack: the stack's name.
        name: the saga's.
        style: ``orchestrated`` or ``choreographed``.
        versions: those of its definition that sagas may go on with, the newest first.
    """

    stack: str
    name: str
    style: str
    versions: tuple[str, ...]


@dataclass(frozen=True)
class Assembly:
    """All stacks of an app, by name, and the sagas in each."""

    stacks: Mapping[str, tuple[Planned, ...]]

    def find(self, stack: str, name: str) -> Planned | None:
        """The saga of that name in that stack."""
        return next((one for one in self.stacks[stack] if one.name == name), None)

    def elsewhere(self, stack: str, name: str) -> str:
        """Another stack that has a saga of that name; empty for none."""
        return next((one.stack for other in self.stacks.values() for one in other if one.name == name != stack), "")


def read(folder: Path) -> Assembly:
    """Read a cloud assembly, with those of its stages.

    Raises:
        BadRequest: there is none.
    """
    return Assembly({name: tuple(_sagas(name, template)) for name, template in templates(folder)})


def templates(folder: Path) -> Iterator[tuple[str, Json]]:
    """The template of every stack of a cloud assembly, and of its stages, by the stack's name.

    Raises:
        BadRequest: there is no assembly.
    """
    if not (folder / "manifest.json").is_file():
        raise BadRequest(f"{folder} has no manifest.json: run `cdk synth` first, or name the folder it writes to")
    artifacts: Mapping[str, Json] = json.loads((folder / "manifest.json").read_text())["artifacts"]
    for id, artifact in artifacts.items():
        said = artifact.get("properties", {})
        if artifact["type"] == NESTED:
            yield from templates(folder / said["directoryName"])
        elif artifact["type"] == STACK:
            yield said.get("stackName", id), json.loads((folder / said["templateFile"]).read_text())


def _sagas(stack: str, template: Json) -> Iterator[Planned]:
    for resource in cast(Mapping[str, Json], template.get("Resources", {})).values():
        variables: Json = resource.get("Properties", {}).get("Environment", {}).get("Variables", {})
        if {"SAGA_NAME", "SAGA_VERSION", "SAGA_STEPS"} <= variables.keys():
            style = "orchestrated" if "SAGA_STATE_MACHINE" in variables else "choreographed"
            versions = (variables["SAGA_VERSION"], *unpacked(variables.get("SAGA_PREVIOUS_VERSIONS", "{}")))
            yield Planned(stack=stack, name=variables["SAGA_NAME"], style=style, versions=versions)
