"""The comment: what a reviewer has to know first, then every difference, folded."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Final

from review.changes import DESTRUCTIVE, STATEFUL, Change, Loss

LABEL: Final = "allow-destructive"
LONGEST: Final = 60_000
"""Characters; GitHub takes 65,536."""


def comment(
    changes: Sequence[Change],
    before: Mapping[str, str],
    after: Mapping[str, str],
    *,
    allowed: bool,
    forgotten: Sequence[str] = (),
    longest: int | None = LONGEST,
) -> str:
    """The Markdown of the comment.

    Args:
        changes: of the stacks.
        before: the pictures as they were, by saga.
        after: the pictures as they are.
        allowed: whether the pull request is labelled so that losses are agreed to.
        forgotten: what sagas under way would miss, a line each.
        longest: characters after which it is cut; ``None`` for never.
    """
    first = [*_losses(changes, allowed=allowed), *_forgotten(forgotten)]
    parts = ["## What this does to AWS", *first, *_pictures(before, after)]
    text = "\n\n".join([*parts, *_templates(changes)]) + "\n"
    if longest is not None and len(text) > longest:
        whole = "`make review` prints all of it where it has no `--output`"
        text = f"{text[:longest]}\n```\n</details>\n\n**It goes on**: {whole}.\n"
    return text


def _losses(changes: Sequence[Change], *, allowed: bool) -> list[str]:
    found: dict[Loss, list[str]] = {}
    for change in changes:
        for loss in change.losses:
            found.setdefault(loss, []).append(change.stack.name)
    if not found:
        return ["No stateful resource is replaced or removed."]
    rows = [
        f"| {', '.join(names)} | `{loss.name}` {loss.kind} | {DESTRUCTIVE[loss.impact]} | {STATEFUL[loss.kind]} |"
        for loss, names in found.items()
    ]
    agreed = f"Agreed to by the label `{LABEL}`." if allowed else f"If that is meant, add the label `{LABEL}`."
    head = ["| stack | resource | what happens | what is at stake |", "| --- | --- | --- | --- |"]
    lost = sum(map(len, found.values()))
    return [f"### :warning: Destructive: {lost}\n\n{agreed}", "\n".join([*head, *rows])]


def _forgotten(lines: Sequence[str]) -> list[str]:
    if not lines:
        return []
    told = "Sagas that began before and are under way cannot go on; `cdk-saga check-deploy` names them."
    return [f"### :warning: Sagas under way: {len(lines)}\n\n{told}", "\n".join(f"- {line}" for line in lines)]


def _templates(changes: Sequence[Change]) -> list[str]:
    """Each difference once, with the environments it is the same in; first those that lose something."""
    alike: dict[tuple[str, str], list[str]] = {}
    for change in sorted(changes, key=lambda change: not change.losses):
        alike.setdefault((change.stack.short_name, change.text), []).append(change.stack.environment)
    folded = [
        f"<details><summary>{name} ({', '.join(environments)})</summary>\n\n```text\n{text}\n```\n</details>"
        for (name, text), environments in alike.items()
    ]
    return [f"### Stacks that differ: {len(changes) or 'none'}", *folded]


def _pictures(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    names = [name for name in sorted({**before, **after}) if before.get(name) != after.get(name)]
    return [f"### Sagas that differ: {len(names) or 'none'}", *(_picture(name, before, after) for name in names)]


def _picture(name: str, before: Mapping[str, str], after: Mapping[str, str]) -> str:
    if name not in after:
        return f"`{name}` is gone."
    old, new = before.get(name, "").splitlines(), after[name].splitlines()
    differing = [*difflib.unified_diff(old, new, lineterm="", n=0)][2:]
    lines = "\n".join(line for line in differing if not line.startswith("@@"))
    folded = f"<details><summary>lines</summary>\n\n```diff\n{lines}\n```\n</details>"
    shown = "".join(f"{line}\n" for line in new if not line.startswith("%%"))
    return f"`{name}`\n\n```mermaid\n{shown}```\n\n{folded}"
