"""A saga as the ledger has it: read in one query, and asked in words."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from saga_runtime.admission import SCHEMA
from saga_runtime.command import Command
from saga_runtime.ledger.attempts import KINDS
from saga_runtime.ledger.items import ENDED, NOTHING, RECOVERY, TRIED, Item, is_unannounced
from saga_runtime.ledger.runs import token_of

Json = dict[str, Any]
SIGNS: Final = ("lease", "ulease", "fence", "t0", "t1", "u0", "u1", "ft", "uft")
"""The times in a step's item, in milliseconds; besides, until when it waits for an answer, if it does."""


@dataclass(frozen=True)
class SagaKey:
    """Which saga.

    Attributes:
        name: the definition's.
        id: its own.
        input_hash: of its input, so that no other saga is meant; empty when only the id is known.
    """

    name: str
    id: str
    input_hash: str = ""

    @classmethod
    def of(cls, command: Command) -> "SagaKey":
        """The saga that a command belongs to."""
        return cls(command.saga_name, command.saga_id, command.input_hash)


@dataclass(frozen=True)
class SagaState:
    """A saga as the ledger has it.

    Attributes:
        meta: its own item; empty when it never began.
        steps: the steps' items, by step.
    """

    meta: Item
    steps: dict[str, Item]

    @property
    def status(self) -> str:
        """META's state; ``""`` when the saga never began; ``STUCK`` also on forward execution."""
        return "STUCK" if self.stuck_at and not self.ended else str(self.meta.get("st", ""))

    @property
    def unannounced(self) -> bool:
        """Whether the saga was closed before it began, and nothing has published that."""
        return is_unannounced(self.meta)

    @property
    def announced(self) -> bool:
        """Whether recovery ended the saga: it publishes that first."""
        return self.meta.get("by") == RECOVERY and not self.unannounced

    @property
    def never_began(self) -> bool:
        """Whether recovery closed the saga before any step did anything: fences are all that stands there."""
        return self.meta.get("by") == RECOVERY and not any(
            step.get("st", TRIED) != TRIED for step in self.steps.values()
        )

    @property
    def stuck_at(self) -> str:
        """The step that an operator must look at first; ``""`` for none."""
        return next(iter(self.stuck), "")

    @property
    def stuck(self) -> list[str]:
        """Every step that an operator must look at, in the order of compensation."""
        return [step for step in str(self.meta.get("stuck", "")).split(",") if step]

    @property
    def unstuck(self) -> bool:
        """Whether it was stuck and has been resumed: the operation empties the mark when all else is done."""
        return self.meta.get("stuck") == ""

    def has_dead_letter(self, step: str, besides: str) -> bool:
        """Whether the saga is stuck at ``step`` and a dead letter waits for an operator, another than ``besides``."""
        return self.status == "STUCK" and step in self.stuck and self.meta.get("dead_letter", "") not in {"", besides}

    @property
    def ended(self) -> bool:
        """Whether the saga has ended well."""
        return self.meta.get("st") in ENDED

    @property
    def published_ending(self) -> str:
        """The ending that the world hears of: with what was let go, too, compensation is done."""
        return {"PARTIALLY_COMPENSATED": "COMPENSATED"}.get(self.status, self.status)

    def saga(self, name: str, saga_id: str) -> Json:
        """The saga state of the saga, from what the ledger keeps of it."""
        return {
            "schema": SCHEMA,
            "name": name,
            "version": self.meta["v"],
            "id": saga_id,
            "input": json.loads(str(self.meta["input"])),
            "results": self.results,
            "started": self.meta["at"],
            "deadline": self.meta.get("dl"),
            "failure": None,
        }

    def may_ask(self, step: str) -> bool:
        """Whether the action of ``step`` has not come back yet, so that an answer to it is too early and no other."""
        item = self.steps.get(step, {})
        open_ = self.status in {"", "RUNNING", "COMMITTED"} and "fence" not in item
        return open_ and item.get("st") in {None, TRIED, "STARTED"}

    def aborted_by(self, step: str) -> bool:
        """Whether the saga was aborted, or closed before it began, on behalf of ``step`` giving up."""
        return self.meta.get("aborted_by") == step

    def is_of(self, command: Command) -> bool:
        """Whether the saga is the command's, as far as the ledger knows: another input is another saga."""
        return self.meta.get("ih", command.input_hash) == command.input_hash

    def is_of_version(self, command: Command) -> bool:
        """Whether it runs by the command's version of the definition, as far as the ledger knows."""
        return self.meta.get("v", command.saga_version) == command.saga_version

    def runs(self, execution: str) -> bool:
        """Whether recovery started this execution; any other must have the saga's id as its name."""
        return bool(self.meta.get("run")) and self.meta["run"] == token_of(execution)

    def done(self, steps: Sequence[str]) -> bool:
        """Whether the actions of all ``steps`` are done."""
        return all(self.steps.get(step, {}).get("st") == "DONE" for step in steps)

    def undone(self, steps: Sequence[str]) -> bool:
        """Whether nothing of ``steps`` is there, nor can be any more."""
        return all(step in self.steps and _is_undone(self.steps[step]) for step in steps)

    @property
    def last_sign_of_life(self) -> float:
        """The time of the last recorded activity, or the end of a lease, in seconds since the epoch."""
        whole = [self.meta.get("at", 0), self.meta.get("seen", 0)]
        exact = [step.get(name, 0) for step in self.steps.values() for name in SIGNS]
        exact += [
            step.get("due", 0) for step in self.steps.values() if step.get("st") == "PENDING" and "err" not in step
        ]
        return max(*map(int, whole), *(int(time) / 1000 for time in exact), 0)

    def last_error(self, step: str, operation: str) -> tuple[str, str] | None:
        """The error of the last attempt at ``operation`` of ``step`` that raised: class and text."""
        name, colon, cause = str(self.steps.get(step, {}).get(f"{KINDS[operation]}err", "")).partition(": ")
        return (name, cause) if colon else None

    def compensation_done(self, steps: Sequence[str]) -> bool:
        """Whether compensation is done with all ``steps``: nothing of them is there, or it was given up."""
        return all(
            step in self.steps and (_is_undone(item) or _is_failed_compensation(item)) for step, item in self._of(steps)
        )

    def failed_compensations(self, steps: Sequence[str]) -> list[str]:
        """Those of ``steps`` whose compensation was given up."""
        return [step for step, item in self._of(steps) if _is_failed_compensation(item) and not _is_undone(item)]

    def _of(self, steps: Sequence[str]) -> list[tuple[str, Item]]:
        return [(step, self.steps.get(step, {})) for step in steps]

    def asked(self, step: str) -> Json | None:
        """The command of ``step`` that waits for a callback, as last delivered; ``None`` when none does."""
        item = self.steps.get(step, {})
        return {**json.loads(str(item["cmd"])), "token": item["tok"]} if "cmd" in item else None

    def seconds_left(self, step: str, now: float) -> float:
        """For how long ``step`` still waits for an answer from outside; none is awaited behind a fence."""
        item = self.steps.get(step, {})
        return 0.0 if "fence" in item else max(0.0, int(item.get("due", 0)) / 1000 - now)

    def details(self, step: str) -> Json:
        """What ``step`` knew when it asked."""
        return json.loads(str(self.steps[step]["ask"]))

    @property
    def results(self) -> Json:
        """What the steps returned that are done, by step."""
        return {name: json.loads(str(step["res"])) for name, step in self.steps.items() if step.get("st") == "DONE"}


def _is_failed_compensation(step: Item) -> bool:
    return bool(step.get("given_up"))


def _is_undone(step: Item) -> bool:
    if step.get("st") == "UNDOING":
        return step.get("prev") == NOTHING
    if step.get("st") == TRIED:
        return "fence" in step
    return step.get("st") in {None, "UNDONE", "VOID", "FAILED"}
