"""Sagas of a version that is not deployed any more: they can be stopped, and wait for their definition to be undone."""

from typing import TYPE_CHECKING, Any, Final

from saga_runtime.ledger.items import CANCEL
from saga_runtime.recovery.context import SagaContext

if TYPE_CHECKING:
    from saga_runtime.ledger import SagaKey, SagaState
    from saga_runtime.services import Services

Json = dict[str, Any]
ERROR: Final = "VersionNotDeployed"


def cancel(services: "Services", saga: "SagaKey", state: "SagaState") -> Json:
    """Abort a saga by what the ledger knows of its steps, and mark it STUCK: nothing here can compensate it.

    Once its definition is deployed again, among the construct's earlier versions, ``resume`` compensates all of it.
    """
    version, steps = str(state.meta["v"]), tuple(state.steps)
    context = SagaContext(saga.name, dict.fromkeys(steps, ()), services, version)
    after = context.sagas.abort(saga, steps, on_behalf_of=CANCEL)
    if after.meta["st"] in {"COMMITTED", "COMPLETED"}:
        return {"status": after.status, "refused": f"too late: saga {saga.id!r} is past its pivot"}
    if after.status == "COMPENSATING":
        left = [step for step in reversed(steps) if not after.undone([step])] or list(steps)
        cure = "add its definition to previous_versions=[…], deploy, then resume the saga"
        cause = f"version {version} is not deployed: {cure}"
        context.stuck(context.command(after.saga(saga.name, saga.id)), ERROR, cause, left)
    return {"status": context.sagas.state(saga).status, "refused": None}
