"""Erasing what a customer sent from the ledger, of one saga that has ended."""

import contextlib
from typing import Final

from saga_runtime.client.operations import OperationRefused
from saga_runtime.client.status import SagaUnknown
from saga_runtime.client.target import Target
from saga_runtime.envelope import checked_id
from saga_runtime.ledger import Refused, SagaKey, Sagas, Store
from saga_runtime.ledger.items import META, Item, saga_key, step_key, update
from saga_runtime.services import Services

DOCUMENTS: Final = ("input", "res", "ask")
"""Attributes that hold JSON: what was sent, what a step returned, what it knew when it asked."""
TEXTS: Final = ("why", "err", "ferr", "uferr", "skipped", "given_up")
"""Those that hold reasons and errors, which may quote it."""
REST: Final = ("cmd", "tok", "claims")
"""Those that only a saga needs which goes on."""


def erase(target: Target, saga_id: str, *, services: Services | None = None) -> str:
    """Erase inputs, results, reasons and errors of an ended saga from the ledger. Returns its state; idempotent.

    What remains, until the ledger forgets the saga: ids, states, times, and the input's fingerprint. A late message
    still finds that the saga has ended, and the same id with another input is still refused. Executions, dead letters,
    backups and participants' own tables keep what they have: see ``docs/privacy.md``.

    Raises:
        BadCommand: an id that no saga can have.
        SagaUnknown: the ledger does not know it.
        OperationRefused: it has not ended, so that its compensations may need what would be erased.
    """
    services = services or Services()
    services.ledger_table = target.ledger
    store, saga = Store(services), SagaKey(target.name, checked_id(saga_id))
    state = Sagas(store).state(saga)
    if not state.meta:
        raise SagaUnknown(f"the ledger has no saga {saga_id!r} of {target.name!r}: there is nothing to erase")
    if not state.ended:
        raise OperationRefused(f"saga {saga_id!r} is {state.status}: one that has not ended needs what would be erased")
    for sort_key, item in [*((step_key(step), item) for step, item in state.steps.items()), (META, state.meta)]:
        change: Item = {"erased": int(services.now())}
        change |= {name: "{}" for name in DOCUMENTS if name in item}
        change |= {name: "erased" for name in TEXTS if item.get(name)}
        rest = [name for name in REST if name in item]
        key = saga_key(saga.name, saga.id), sort_key
        with contextlib.suppress(Refused):  # DynamoDB has let it expire meanwhile: it is not made anew
            store.write(update(store.table, key, change, "attribute_exists(pk)", removed=rest))
    return state.status
