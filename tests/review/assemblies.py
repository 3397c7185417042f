"""The stacks in a folder that ``cdk synth`` made, as a reviewer wants to compare them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from stacks.environments import LOCAL

ASSET: Final = re.compile(r"[0-9a-f]{64}")
"""The hash of an asset: code is reviewed where it is written."""
VERSION: Final = re.compile(r"[0-9a-f]{32}")
"""The hash in the logical id of a function's version, which follows its code."""


SAGA: Final = re.compile(r'"SAGA_VERSION": ?"([0-9a-f]{12})"')
"""The version of a saga, which is in every rule and state of it; what it forgets is said apart."""
TEXT: Final = re.compile(r"(?<=, text )[0-9a-f]{12}")
"""The hash of a state machine's text, in the description of its version."""


@dataclass(frozen=True)
class Stack:
    """One stack.

    Args:
        name: as ``cdk list`` says it, ``prod/State``.
        template: its template, made readable.
    """

    name: str
    template: str

    @property
    def environment(self) -> str:
        """Its stage."""
        return self.name.partition("/")[0]

    @property
    def short_name(self) -> str:
        """Its name in every stage."""
        return self.name.partition("/")[2] or self.name

    @property
    def resources(self) -> dict[str, Any]:
        """Its resources by logical id."""
        return json.loads(self.template).get("Resources", {})


def stacks(assembly: Path) -> dict[str, Stack]:
    """Every stack of a cloud assembly and the assemblies in it, by name; those for the local AWS hold nothing."""
    return {stack.name: stack for stack in _stacks(assembly) if stack.environment != LOCAL.name}


def _stacks(assembly: Path) -> Iterator[Stack]:
    for artifact in json.loads((assembly / "manifest.json").read_text())["artifacts"].values():
        properties = artifact.get("properties", {})
        if artifact["type"] == "cdk:cloud-assembly":
            yield from _stacks(assembly / properties["directoryName"])
        elif artifact["type"] == "aws:cloudformation:stack":
            name, template = artifact["displayName"], (assembly / properties["templateFile"]).read_text()
            yield Stack(name, _readable(_alike(template, name.partition("/")[0])))


def _alike(template: str, environment: str) -> str:
    """Without the name of the environment and the versions of its sagas: what differs in these alone is shown once."""
    for version in SAGA.findall(template):
        template = template.replace(version, "version")
    return re.sub(rf"\b{re.escape(environment)}-(?=[A-Z])", "", template)


def _readable(template: str) -> str:
    """Without hashes of code, and with state machines as JSON, so that a changed state shows as that."""
    read = json.loads(TEXT.sub("hash", VERSION.sub("version", ASSET.sub("asset", template))))
    for resource in read.get("Resources", {}).values():
        definition = resource.get("Properties", {}).get("DefinitionString")
        if isinstance(definition, str):
            resource["Properties"]["DefinitionString"] = json.loads(definition)
    return json.dumps(read, sort_keys=True)
