"""A simulated saga as an operator sees it."""

from cdk_saga import NOTHING_TO_UNDO
from cdk_saga.testing import Run
from cdk_saga.testing.world import LEDGER, World
from saga_runtime.client import Status, Target, status
from saga_runtime.services import Services


def seen(run: Run) -> Status:
    """The status of the saga when the run is over."""
    world: World = run.world
    services = Services(now=lambda: world.clock.now, client=world.services.__getitem__)
    return status(target_of(run), "s-1", services=services)


def target_of(run: Run) -> Target:
    """Where the saga of a run is deployed, as its construct's output would tell a client."""
    steps = {step.name: step.compensation is not NOTHING_TO_UNDO for step in run.saga.all_steps}
    return Target(name="order", version=run.saga.version, style=run.style, where="x", ledger=LEDGER, steps=steps)
