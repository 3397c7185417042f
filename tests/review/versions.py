"""What a change means for sagas under way: versions of their definitions that it would no longer deploy."""

from collections.abc import Iterator
from pathlib import Path

from saga_cli.assemblies import Planned, read
from stacks.environments import LOCAL


def forgotten(base: Path, head: Path) -> list[str]:
    """A line for each saga of ``base`` that cannot simply go on with what ``head`` deploys, and the stacks it is in."""
    before, after = read(base), read(head)
    deployed = (stack for stack in before.stacks if not stack.startswith(f"{LOCAL.name}-"))
    where: dict[str, list[str]] = {}
    for stack in deployed:
        for planned in before.stacks[stack]:
            for line in _lines(planned, after.find(stack, planned.name) if stack in after.stacks else None):
                where.setdefault(line, []).append(stack)
    return [f"{', '.join(stacks)}: {line}" for line, stacks in where.items()]


def _lines(before: Planned, after: Planned | None) -> Iterator[str]:
    if after is None:
        yield f"saga `{before.name}` is removed"
        return
    if after.style != before.style:
        yield f"saga `{before.name}` becomes {after.style}"
    for version in before.versions:
        if version not in after.versions:
            yield f"saga `{before.name}` forgets version `{version}`: keep that definition in `previous_versions=[…]`"
