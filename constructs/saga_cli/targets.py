"""Which sagas are deployed: every stack of a saga says so in an output."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final, cast

from saga_cli.environment import place
from saga_cli.errors import BadRequest
from saga_runtime.client import Target
from saga_runtime.services import Services

SUFFIX: Final = "Start"
"""Ends the logical id of the output with a saga's target."""
NARROWED: Final = "--profile, --region, --stage, --stack, AWS_PROFILE, AWS_REGION and AWS_ENDPOINT_URL"
"""What decides which stacks are looked at."""
Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """A saga in a stack."""

    stack: str
    target: Target


def deployed(cloudformation: Any, *, stage: str = "", stack: str = "") -> list[Deployed]:
    """Every saga that is deployed, in the order of their names.

    Args:
        cloudformation: a client.
        stage: only stacks of this CDK stage, whose names begin with ``<stage>-``.
        stack: only stacks of this name; ``*`` and ``?`` are wildcards.
    """
    patterns = [f"{stage}-*" if stage else "*", stack or "*"]
    found = [
        Deployed(stack=described["StackName"], target=target)
        for page in cloudformation.get_paginator("describe_stacks").paginate()
        for described in page["Stacks"]
        if all(fnmatchcase(described["StackName"], pattern) for pattern in patterns)
        for output in described.get("Outputs", [])
        if output["OutputKey"].endswith(SUFFIX) and (target := _target(output["OutputValue"]))
    ]
    return sorted(found, key=lambda one: (one.target.name, one.stack))


def chosen(name: str, among: list[Deployed], where: str = "this account and Region") -> Target:
    """The one saga called ``name``.

    Args:
        name: its name.
        among: all that are deployed.
        where: the account, Region and stacks, for the error.

    Raises:
        BadRequest: there is none, or it is deployed several times; the text lists what there is.
    """
    match [one for one in among if one.target.name == name]:
        case [one]:
            return one.target
        case []:
            there = ", ".join(dict.fromkeys(one.target.name for one in among)) or "none"
            raise BadRequest(f"no saga {name!r} is deployed in {where}; there are: {there} (look at {NARROWED})")
        case several:
            stacks = ", ".join(one.stack for one in several)
            raise BadRequest(f"saga {name!r} is deployed in several stacks: {stacks}; choose with --stage or --stack")


def find(name: str, aws: Services, *, stage: str, stack: str) -> Target:
    """The one saga called ``name`` in the stacks that match; see :func:`deployed` and :func:`chosen`."""
    among = deployed(aws.client("cloudformation"), stage=stage, stack=stack)
    if not any(one.target.name == name for one in among):
        return chosen(name, among, place(aws, stage=stage, stack=stack))
    return chosen(name, among)


def find_all(aws: Services, *, stage: str, stack: str) -> list[Target]:
    """Every saga in the stacks that match.

    Raises:
        BadRequest: none is deployed there.
    """
    if found := deployed(aws.client("cloudformation"), stage=stage, stack=stack):
        return [one.target for one in found]
    raise BadRequest(f"no saga is deployed in {place(aws, stage=stage, stack=stack)}: look at {NARROWED}")


def _target(value: str) -> Target | None:
    """The target in an output; other people's outputs may end the same."""
    try:
        said: Any = json.loads(value)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not {"name", "version", "style", "where"} <= said.keys():
        return None
    known = {field: value for field, value in cast(Json, said).items() if field in FIELDS}
    return Target(**known) if all(FIELDS[field](value) for field, value in known.items()) else None


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_time(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool))


def _are_steps(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(undoable, bool) for undoable in cast(Json, value).values())


def _are_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in cast(list[object], value))


FIELDS: Final[Mapping[str, Callable[[object], bool]]] = {
    **dict.fromkeys(("name", "version", "style", "where", "recovery", "ledger", "dead_letters"), _is_text),
    "deadline": _is_time,
    "steps": _are_steps,
    "callback_steps": _are_names,
}
"""What stands in each field of a :class:`Target`."""
