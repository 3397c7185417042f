"""The saga's own item, META: what each task changes of it, in that task's own transaction."""

from collections.abc import Sequence
from typing import Final

from saga_runtime.command import Command
from saga_runtime.errors import AnotherVersion, BadCommand, Contradiction, InputMismatch, PastPivot, SagaFenced
from saga_runtime.ledger.items import (
    ABSENT,
    CLAIMS,
    CLOSER,
    ENDED,
    KEPT,
    MAX_ERROR,
    META,
    RECOVERY,
    WATCHED,
    Entry,
    Item,
    alive_until,
    fence,
    notable,
    put,
    saga_key,
    unwatched,
    update,
    view_key,
    watched,
)
from saga_runtime.ledger.runs import token_of
from saga_runtime.ledger.store import Refused, Store
from saga_runtime.values import canonical

OWN: Final = f"ih = :ih AND v = :v AND attribute_not_exists({CLAIMS})"
"""The saga has this input and runs by this version of the definition: another one's commands change nothing of it. And
the ledger has lost nothing of it."""
OPENED: Final = f"{ABSENT} OR (st = :st AND {OWN})"
"""The saga has not begun, or begins: another member of its first group, or an earlier claim, has opened it."""
COMPENSABLE: Final = f"({OWN} AND st IN (:running, :compensating, :stuck))"


class Meta:
    """Entries for META, from a command's position flags; ``None`` where a task leaves it alone."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def opening(self, command: Command, state: str = "RUNNING") -> Entry:
        """The first task's: the saga begins to exist, in ``state``."""
        return put(self.store.table, self._item(command, state), ABSENT)

    def closed(self, command: Command, aborted: Item) -> Entry:
        """Recovery's: the saga has ended before it could begin, and shows what it would have been.

        It has no mark: without one its ending is not published yet.
        """
        content = {**self._item(command, "COMPENSATED"), "by": RECOVERY, **aborted}
        del content[CLOSER]
        return put(self.store.table, content, ABSENT)

    def contradicted(self, command: Command, known: Item, condition: str, values: Item) -> Entry:
        """Of a saga of which a command knows more than the ledger."""
        return self._update(command, "STUCK", condition, values, known)

    def reopening(self, command: Command) -> Entry:
        """As :meth:`opening`, where it may be there already: a later claim's, another member's of the first group."""
        # No news for the watchdog: a change of its index would cost two write units more.
        return self._update(command, "RUNNING", OPENED, kept=("view", *WATCHED))

    def asking(self, command: Command, until: int) -> Entry:
        """Of an action with a local effect that waits: the watchdog need not look before its time is over."""
        if not command.first:
            return self.alive(command, until)
        alive = alive_until(until, self.store.services.now())
        if command.grouped:
            return self._update(command, "RUNNING", OPENED, more={"alive": alive}, kept=("view", "wd"))
        return put(self.store.table, {**self._item(command, "RUNNING"), "alive": alive}, ABSENT)

    def alive(self, command: Command, until: float) -> Entry:
        """Note activity of a saga that has not ended: a callback's end, or its answer."""
        alive, key = alive_until(until, self.store.services.now()), (saga_key(command.saga_name, command.saga_id), META)
        return update(self.store.table, key, {"alive": alive}, "attribute_exists(wd)")

    def succeeding(self, command: Command) -> Entry | None:
        """What a successful action changes."""
        if command.first and not command.grouped:
            return self.opening(command, _reached(command) or "RUNNING")
        return self.beginning(command) or self.advancing(command)

    def beginning(self, command: Command) -> Entry | None:
        """What an action changes that has begun and is not done."""
        if command.first:
            return self.reopening(command) if command.grouped else self.opening(command)
        return None

    def advancing(self, command: Command) -> Entry | None:
        """The pivot's and the last action's: COMMITTED and COMPLETED, unless the saga is going back."""
        if state := _reached(command):
            values: Item = {"running": "RUNNING", "committed": "COMMITTED"}
            return self._update(command, state, f"{OWN} AND st IN (:running, :committed)", values)
        return None

    def rejecting(self, command: Command) -> Entry:
        """A rejected action's: compensation begins, or there is none."""
        state = command.ends.get("rejected", "COMPENSATING")
        return self._start_compensation(command, state)

    def check_run(self, command: Command) -> None:
        """Check that recovery started this execution; raises :class:`BadCommand` when another caller did."""
        key = saga_key(command.saga_name, command.saga_id), META
        token: Item = {"token": token_of(command.run)}
        seen = update(self.store.table, key, {"seen": int(self.store.services.now())}, "run = :token", token)
        try:
            self.store.write(seen)
        except Refused:
            raise BadCommand(
                f"execution {command.run!r} was not started by the recovery of saga {command.saga_id!r}: a start's "
                "execution has the saga's id as its name"
            ) from None

    def fences(self, command: Command) -> list[Entry]:
        """On the steps that may be at work right now, when the saga is aborted."""
        pk, now = saga_key(command.saga_name, command.saga_id), self.store.services.now()
        return [fence(self.store.table, pk, step, now) for step in command.fences]

    def start_compensation(self, command: Command) -> Entry | None:
        """The first compensation's: compensation begins."""
        return self._start_compensation(command, "COMPENSATING") if command.starts_compensation else None

    def compensating(self, command: Command) -> Entry | None:
        """A compensation's: as :meth:`turning`, and the one with nothing earlier ends the saga."""
        state = None if command.failed_compensations else command.ends.get("compensated")
        return self._start_compensation(command, state) if state else self.start_compensation(command)

    def _start_compensation(self, command: Command, state: str) -> Entry:
        values: Item = {"running": "RUNNING", "compensating": "COMPENSATING", "stuck": "STUCK"}
        # A command with results belongs to a saga that began.
        condition = COMPENSABLE if command.results else f"{ABSENT} OR {COMPENSABLE}"
        return self._update(command, state, condition, values, _why(command))

    def _update(
        self,
        command: Command,
        state: str,
        condition: str,
        values: Item | None = None,
        more: Item | None = None,
        *,
        kept: Sequence[str] = (),
    ) -> Entry:
        content = {**self._item(command, state), **(more or {})}
        key = str(content.pop("pk")), str(content.pop("sk"))
        return update(
            self.store.table,
            key,
            content,
            condition,
            values,
            kept=("at", "why", *kept),
            noted=notable(state),
            removed=unwatched(state),
        )

    def _item(self, command: Command, state: str) -> Item:
        now = int(self.store.services.now())
        deadline: Item = {} if command.deadline is None else {"dl": command.deadline}
        end: Item = {"end": now, CLOSER: self.store.id} if state in ENDED else {}
        return {
            "pk": saga_key(command.saga_name, command.saga_id),
            "sk": META,
            "view": view_key(command.saga_name, state, self.store.part),
            "st": state,
            "v": command.saga_version,
            "ih": command.input_hash,
            "input": canonical(command.input),
            "at": min(command.started, now),  # never later than it is: a list and the watchdog begin at now
            "ttl": now + KEPT,
            **watched(command.saga_name, state, self.store.part, now),
            **deadline,
            **end,
        }


def _reached(command: Command) -> str | None:
    """The state that this action's success brings the saga to."""
    return command.ends.get("succeeded") or ("COMMITTED" if command.pivot else None)


def _why(command: Command) -> Item:
    """For people: what aborted the saga, as far as its first compensation was told; what came first stays."""
    failure = command.failure
    if failure is None or failure.get("recorded"):
        return {}
    if failure.get("Error") == SagaFenced.__name__:
        return {}  # the request that wrote the fence recorded why
    said = f"{failure.get('step')}: {failure.get('outcome')}: {failure.get('Error')}: {failure.get('Cause')}"
    return {"why": said[:MAX_ERROR]}


def refusal_of(command: Command, meta: Item) -> Exception:
    """Why META refused, when the step's own item did not."""
    if meta and meta.get("ih") != command.input_hash:
        return mismatch(command)
    if is_of_another_version(command, meta):
        return another_version(command, meta)
    if is_lost(command, meta):
        return contradiction(command)
    if command.operation == "compensation":
        return PastPivot(f"saga {command.saga_id!r} is {meta.get('st')}: {command.step!r} is not undone any more")
    return SagaFenced(f"saga {command.saga_id!r} is {meta.get('st', 'unknown')}: {command.step!r} comes too late")


def is_of_another_version(command: Command, meta: Item) -> bool:
    """Whether the saga runs by another version of the definition than the command."""
    return meta.get("v", command.saga_version) != command.saga_version


def another_version(command: Command, meta: Item) -> AnotherVersion:
    """The error for a command of a version that this saga does not run by: its start came again after a deployment."""
    return AnotherVersion(
        f"saga {command.saga_id!r} runs by version {meta.get('v')!r} of {command.saga_name!r}, this command is of "
        f"{command.saga_version!r}: nothing of it is done twice"
    )


def is_lost(command: Command, meta: Item) -> bool:
    """Whether the ledger knows less of the saga than its command, or an earlier one did."""
    return CLAIMS in meta or bool(command.results and not meta)


def contradiction(command: Command, *steps: str) -> Contradiction:
    """The error for a command that knows results of ``steps``, or of all those before it, which the ledger does not."""
    return Contradiction(
        f"the command for {command.step!r} of {command.saga_id!r} carries results of "
        f"{', '.join(steps or command.results)}, of which the ledger knows nothing: was its table replaced, or "
        "restored to an earlier moment? Restore it with the participants' tables, or resume or skip the saga",
        command.results,
    )


def mismatch(command: Command) -> InputMismatch:
    """The error for a saga id that belongs to another input."""
    return InputMismatch(
        f"saga id {command.saga_id!r} is taken by a {command.saga_name!r} saga with another input: choose another id"
    )
