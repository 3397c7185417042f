"""Telling again how sagas have ended, for whoever has lost messages."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from saga_runtime.client.listing import listed
from saga_runtime.client.orders import OrderRefused, RelayFailed, replay
from saga_runtime.client.target import Target
from saga_runtime.errors import BadCommand
from saga_runtime.services import Services


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """A saga that has ended, and whether that was told again.

    Attributes:
        saga: the definition's name.
        id: its own.
        state: how it ended.
        refused: why it was not told; empty when it was.
    """

    saga: str
    id: str
    state: str
    refused: str

    def json(self) -> dict[str, Any]:
        """The same as JSON."""
        return asdict(self)


def replay_ended(target: Target, within: int, *, services: Services | None = None) -> Iterator[Replayed]:
    """Have the bus told again how every saga ended that ended in a period, one after the other. Safe to repeat.

    A message that is lost may have been the one whose bearer committed an ending and died before telling it, and
    nothing in the ledger tells such an ending from one that was told. Whoever has heard it hears it once more. What
    cannot be told does not keep the others from it. Left out is what was cancelled before it began, as it has nothing
    to tell.

    Args:
        target: which definition, and where.
        within: seconds; those that have ended at most so long ago, up to 30 days.
        services: AWS; from the environment by default.

    Raises:
        BadCommand: a period that the ledger does not know of.
    """
    services = services or Services()
    # A saga whose version nobody knows was cancelled before it began.
    ended = (one for one in listed(target, ended_within=within, services=services) if one.version)
    return (_told(target, one.id, one.state, services) for one in ended)


def _told(target: Target, saga_id: str, state: str, services: Services) -> Replayed:
    refused = ""
    try:
        state = replay(target, saga_id, services=services)
    except (BadCommand, OrderRefused, RelayFailed) as error:
        refused = str(error)
    return Replayed(saga=target.name, id=saga_id, state=state, refused=refused)
