"""What has to hold when all is quiet. Every check names the saga, or the queue, and what is wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cdk_saga.testing.run import TOLD_AS
from demo.cases import COMPENSATED, COMPLETED, PARTIALLY_COMPENSATED, STUCK
from local.trouble import PARTICIPANTS
from saga_runtime.ledger import SagaState
from saga_runtime.ledger.items import NOTHING, Item
from soak.inventory import BOOKS, Inventory
from soak.plan import Planned, shelves
from soak.scene import Scene

THERE: Final = ("DONE", "PENDING")
"""States of a step in which its effect is there; of one that waits for somebody, what it has asked."""
NOT_SURE: Final = ("STARTED", "UNDOING")
"""States of a step in which its effect may be there or not; only a stuck saga may stand there."""


@dataclass(frozen=True)
class Wrong:
    """Something that is not as it should be; `saga` is its name and id, or None."""

    what: str
    saga: tuple[str, str] | None = None


def check_all(scene: Scene, inventory: Inventory) -> Iterator[Wrong]:
    """Judge every saga, then what they share."""
    for saga in scene.sagas:
        key = saga.name, saga.id
        state = inventory.states.get(key)
        if state is None or state.status not in TOLD_AS:
            yield Wrong(f"is in no ending: {state.status if state else 'never began'}", key)
        else:
            for wrong in _wrong_with(saga, state, inventory, scene):
                yield Wrong(wrong, key)
    for key in set(inventory.states) - {(saga.name, saga.id) for saga in scene.sagas}:
        yield Wrong("was never started", key)
    yield from _shelves(scene, inventory)
    yield from _books(scene, inventory)


def _wrong_with(saga: Planned, state: SagaState, inventory: Inventory, scene: Scene) -> Iterator[str]:
    key, ending = (saga.name, saga.id), state.status
    for step in PARTICIPANTS[saga.example.name]:
        item, there = state.steps.get(step, {}), inventory.has(saga.example.name, key, step)
        yield from _effect(step, item, ending, there=there)
    yield from _order(state)
    skipped = [step for step, item in state.steps.items() if "skipped" in item]
    if ending != STUCK and (ending == PARTIALLY_COMPENSATED) != bool(skipped):
        yield f"{ending}, and skipped was {skipped or 'nothing'}"
    told = inventory.rows["Messages"].get(f"MESSAGE#{saga.name}#{saga.id}", {}).get("text")
    if told != saga.example.told.get(ending):
        yield f"{ending}, and the customer was told {told!r}"
    heard = {event.what for event in scene.recorder.heard[key]} & set(TOLD_AS.values())
    if ending == STUCK:
        heard -= {TOLD_AS[COMPENSATED], TOLD_AS[COMPLETED]} if TOLD_AS[STUCK] in heard else set[str]()
    if heard - {TOLD_AS[STUCK]} != ({TOLD_AS[ending]} - {TOLD_AS[STUCK]}) or TOLD_AS[ending] not in heard:
        yield f"{ending}, and the world heard {sorted(heard)}"
    if ending == STUCK and saga.help != "none":
        yield f"is stuck at {state.stuck}, although its cause was mended"


def _effect(step: str, item: Item, ending: str, *, there: bool) -> Iterator[str]:
    status = str(item.get("st", ""))
    nothing = status == "UNDOING" and item.get("prev") == NOTHING
    if ending == COMPLETED and status != "DONE":
        yield f"{COMPLETED}, and {step} is {status or 'missing'}"
    if ending in (COMPENSATED, PARTIALLY_COMPENSATED) and (status in THERE or (status in NOT_SURE and not nothing)):
        yield f"{ending}, and {step} is {status}"
    if status in NOT_SURE and not nothing:
        return
    if "skipped" not in item and there != (status in THERE):
        yield f"{step} is {status or 'missing'}, and its effect is {'there' if there else 'not there'}"


def _order(state: SagaState) -> Iterator[str]:
    """Undone in the reverse of the order in which it was done."""
    undone = {name: item for name, item in state.steps.items() if item.get("st") == "UNDONE" and "t1" in item}
    forward = sorted(undone, key=lambda name: int(undone[name]["t1"]))
    backward = sorted(undone, key=lambda name: int(undone[name]["u1"]))
    if forward != backward[::-1]:
        yield f"was done in the order {forward} and undone in the order {backward}"


def _shelves(scene: Scene, inventory: Inventory) -> Iterator[Wrong]:
    """What is left of a stock and what bookings hold is what there was."""
    for example in {saga.example.name: saga.example for saga in scene.sagas}.values():
        for (table, item), (counted_in, there_was) in shelves(scene.planned, example).items():
            left, held = int(inventory.rows[table][item][counted_in]), 0
            what, _, name = item.partition("#")
            for key, row in inventory.rows[table].items():
                if key.startswith("BOOKING#"):
                    lines = row.get("lines", [row])
                    held += sum(int(line[counted_in]) for line in lines if line[what.lower()] == name)
            if left < 0 or left + held != there_was:
                yield Wrong(f"{item}: {left} left and {held} held, of {there_was}")


def _books(scene: Scene, inventory: Inventory) -> Iterator[Wrong]:
    """Nobody holds anything but the sagas that were started."""
    known = {f"{saga.name}.{saga.id}" for saga in scene.sagas}
    keys = {key for orders in inventory.orders.values() for key in orders}
    rows = [key for rows in inventory.rows.values() for key in rows]
    keys |= {key.removeprefix(book) for book in BOOKS for key in rows if key.startswith(book)}
    for key in sorted(keys):
        if key.rpartition(".")[0] not in known:
            yield Wrong(f"{key} is nobody's")
