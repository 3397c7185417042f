"""Giving an order and saying what came of it: the same for every operation."""

from collections.abc import Callable
from typing import Any

from saga_cli.environment import services
from saga_cli.output import print_json, say
from saga_cli.targets import find


def operate(give: Callable[..., str], saga: str, id: str, *further: Any, stage: str, stack: str, as_json: bool) -> None:
    """Give an order of :mod:`saga_runtime.client` to one saga, and print the state it has afterwards."""
    aws = services()
    target = find(saga, aws, stage=stage, stack=stack)
    state = give(target, id, *further, services=aws)
    if as_json:
        print_json({"saga": saga, "id": id, "state": state})
    else:
        say(f"{saga} {id}: {state}")
