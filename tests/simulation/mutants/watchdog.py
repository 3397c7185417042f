"""The watchdog's index, broken on purpose: sagas that wait keep the lost ones from being found."""

import pytest

from saga_runtime import Command
from saga_runtime.ledger import Sagas
from saga_runtime.ledger.items import Entry, update
from saga_runtime.ledger.local import key_of
from saga_runtime.ledger.meta import Meta

Patch = pytest.MonkeyPatch


def callbacks_untold(patch: Patch) -> None:
    """The index does not hear how long a step waits, so that every waiting saga looks silent."""

    def alive(self: Meta, command: Command, _until: float) -> Entry:
        return update(self.store.table, (key_of(command)[0], "META"), {"seen": 1}, "attribute_exists(wd)")

    patch.setattr(Meta, "alive", alive)


def always_from_the_beginning(patch: Patch) -> None:
    """A saga that is found alive keeps its place, so that each look begins with the same ones."""
    patch.setattr(Sagas, "look_again", lambda *_: None)
