"""Publish again how sagas have ended, for subscribers that have lost messages."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from saga_runtime.client.listing import list_sagas
from saga_runtime.client.operations import OperationRefused, RecoveryFailed, retry
from saga_runtime.client.target import Target
from saga_runtime.errors import BadCommand
from saga_runtime.services import Services


@dataclass(frozen=True, kw_only=True)
class Republished:
    """A saga that has ended, and whether that was published again.

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


def republish(target: Target, within: int, *, services: Services | None = None) -> Iterator[Republished]:
    """Have the bus published again how every saga ended that ended in a period, one after the other. Idempotent.

    A message that is lost may have been the one whose caller committed an ending and died before publishing it, and
    nothing in the ledger tells such an ending from one that was published. A subscriber that has it gets it once more.
    What cannot be told does not keep the others from it. Left out is what was cancelled before it began, as it has
    nothing to tell.

    Args:
        target: which definition, and where.
        within: seconds; those that have ended at most so long ago, up to 30 days.
        services: AWS; from the environment by default.

    Raises:
        BadCommand: a period that the ledger does not know of.
    """
    services = services or Services()
    # A saga of unknown version was cancelled before it began.
    ended = (one for one in list_sagas(target, ended_within=within, services=services) if one.version)
    return (_republished(target, one.id, one.state, services) for one in ended)


def _republished(target: Target, saga_id: str, state: str, services: Services) -> Republished:
    refused = ""
    try:
        state = retry(target, saga_id, services=services)
    except (BadCommand, OperationRefused, RecoveryFailed) as error:
        refused = str(error)
    return Republished(saga=target.name, id=saga_id, state=state, refused=refused)
