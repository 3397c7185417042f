"""Steps that wait for a callback: asked once, answered once, and not after their time."""

from collections.abc import Sequence
from typing import Any, Final

from saga_runtime.command import Command
from saga_runtime.errors import Rejected
from saga_runtime.ledger.items import Entry, Item, update
from saga_runtime.ledger.local import key_of
from saga_runtime.ledger.meta import Meta
from saga_runtime.ledger.store import Refused, Store
from saga_runtime.values import canonical

Json = dict[str, Any]

OPEN: Final = "ih = :ih AND st = :pending AND attribute_not_exists(fence)"
IN_TIME: Final = f"{OPEN} AND due > :now"
HEARD: Final = "tok = :tok"
"""By the attempt that waits now, not by an earlier one that has ended."""


class TooLate(Exception):
    """An answer that changes nothing any more; the text says why."""


class Unheard(Exception):
    """An answer for which another attempt has begun to wait meanwhile: nothing is changed, look again."""


def asked(command: Command, details: Json, now: float) -> Item:
    """What a step's item says while it waits: also the command, so that the callback needs no plan."""
    return {
        "st": "PENDING",
        "res": canonical(details),
        "ask": canonical(details),
        "t0": int(1000 * now),
        "due": int(1000 * (now + (command.callback_timeout or 0))),
        "tok": command.token,
        "cmd": canonical({"task": command.task, "saga": command.saga}),
    }


class Callbacks:
    """The answers to steps that wait."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.meta = Meta(store)

    def listen(self, command: Command) -> bool:
        """Another attempt of a state machine waits by another token; ``False``: it need not any more."""
        return not command.token or not self._change(command, {"tok": command.token}, OPEN)

    def complete(self, command: Command, result: Json) -> None:
        """The answer is yes.

        Raises:
            TooLate: it is fenced, over, or answered otherwise. The same answer again is none the less welcome.
            Unheard: of ``command`` another attempt waits, by another token.
        """
        # Past the pivot there is no compensation, so no answer comes too late.
        condition = OPEN if command.after_pivot else IN_TIME
        change: Item = {"st": "DONE", "res": canonical(result), "t1": self._milliseconds()}
        # From now on the saga is not silent because it waits.
        meta = self.meta.advancing(command) or self.meta.alive(command, self.store.services.now())
        refused = self._change(command, change, f"{condition} AND {HEARD}", meta)
        if refused and not (_is(refused, "DONE") and (refused.step or {}).get("res") == change["res"]):
            raise self._late(command, refused)

    def reject(self, command: Command, reason: Rejected) -> None:
        """The answer is no: compensation begins. What the action wrote when it asked is still to be undone.

        Raises:
            TooLate: as :meth:`complete`.
        """
        change: Item = {"fence": self._milliseconds(), "err": str(reason), "t1": self._milliseconds()}
        meta, fences = self.meta.rejecting(command), self.meta.fences(command)
        refused = self._change(command, change, f"{IN_TIME} AND {HEARD}", meta, fences)
        if refused and not (_is(refused, "PENDING") and (refused.step or {}).get("err") == str(reason)):
            raise self._late(command, refused)

    def published(self, command: Command) -> None:
        """Note that the answer was published, so that the timer's message publishes nothing."""
        answered = "(st = :done OR (st = :pending AND attribute_exists(err)))"
        self._change(command, {"published": 1}, f"ih = :ih AND {answered}")

    def _change(
        self, command: Command, change: Item, condition: str, meta: Entry | None = None, fences: Sequence[Entry] = ()
    ) -> Refused | None:
        states: Item = {"pending": "PENDING", "done": "DONE"}
        known: Item = {**states, "ih": command.input_hash, "tok": command.token, "now": self._milliseconds()}
        used = {name: value for name, value in known.items() if f":{name}" in condition}
        entry = update(self.store.table, key_of(command), change, condition, used)
        try:
            self.store.write(entry, meta, fences)
        except Refused as refused:
            return refused
        return None

    def _milliseconds(self) -> int:
        return int(self.store.services.now() * 1000)

    def _late(self, command: Command, refused: Refused) -> TooLate | Unheard:
        if _is(refused, "PENDING") and (refused.step or {}).get("tok") != command.token:
            return Unheard(f"another attempt of {command.step!r} of {command.saga_id!r} waits")
        return TooLate(self._why(command, refused))

    def _why(self, command: Command, refused: Refused) -> str:
        step, what = refused.step, f"{command.step!r} of saga {command.saga_id!r}"
        if step is None:
            return f"too late: saga {command.saga_id!r} is {(refused.meta or {}).get('st')}"
        match step.get("st"):
            case "DONE":
                return f"{what} has been completed already, with another result"
            case "PENDING" if "err" in step:
                return f"{what} has been rejected already"
            case "PENDING" if "fence" not in step:
                return f"too late: the time of {what} is over"
            case "PENDING":
                return f"too late: the saga of {what} is going back"
            case state:
                return f"too late: {what} is {state}"


def _is(refused: Refused, state: str) -> bool:
    return (refused.step or {}).get("st") == state
