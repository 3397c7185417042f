"""Those who take part in a simulation, and how they get there."""

from typing import Any, Final, Protocol

from cdk_saga.testing.world import World

_CLIENTS: Final = {"dynamodb": "dynamodb", "events": "events", "sqs": "sqs", "states": "stepfunctions"}
"""The services that the runtime asks for by an attribute, and what boto3 calls them."""


class SimulatedParticipant(Protocol):
    """What the simulation needs of a participant, and of recovery: an instance of ``saga_runtime.Participant``."""

    services: Any

    def handler(self, event: Any, context: Any, /) -> Any:
        """The Lambda entry point."""
        ...


def move(services: Any, world: World) -> None:
    """Let a participant's ``services`` reach a simulated world, with its clients instead of those of the last one."""
    services.now = lambda: world.clock.now
    services.sleep = world.functions.sleep
    services.chance = world.schedule.chance
    services.client = world.client
    for name, service in _CLIENTS.items():
        setattr(services, name, world.client(service))
