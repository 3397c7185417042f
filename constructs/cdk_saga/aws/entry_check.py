"""Checks at synth that Lambda can import a function's handler, and that it carries out what its sagas' steps name."""

from collections.abc import Iterator
from typing import Any, Final, cast

import jsii
from aws_cdk import Annotations
from aws_cdk import aws_lambda as lambda_
from constructs import Construct, IValidation

from cdk_saga.aws.bundle import Bundle
from cdk_saga.aws.bundle.entries import Entry, entries
from cdk_saga.aws.wiring import Wired
from cdk_saga.plan import Plan

NEEDED: Final = ("SAGA_LEDGER", "SAGA_BUS", "POWERTOOLS_METRICS_NAMESPACE")
"""Variables of a function that uses the saga runtime."""


@jsii.implements(IValidation)
class EntryCheck:
    """Imports a function's handler out of its bundle when CDK validates the app.

    Args:
        function: as an error says it.
        handler: ``module.attribute``.
        bundle: its code.
        layers: whether it has layers, which may hold what the bundle does not.
    """

    def __init__(self, function: Construct, handler: str, bundle: Bundle, *, layers: bool) -> None:
        self._function = function
        self._handler = handler
        self._layers = layers
        self._entries = entries(bundle.folder)
        self._entries.expect(handler)
        self._steps: dict[str, str] = {}
        function.node.add_validation(cast(IValidation, self))

    def expect(self, plan: Plan, participant: str) -> None:
        """Note which handlers the steps of ``participant`` name in ``plan``."""
        for task in plan.tasks:
            if task.participant == participant:
                where = f"saga {plan.saga!r}, version {plan.version}, step {task.id.step!r}"
                self._steps.setdefault(task.handler, where)

    def validate(self) -> list[str]:
        """Say what is wrong; called by CDK."""
        entry = self._entries.entry(self._handler)
        if "raised" in entry:
            Annotations.of(self._function).add_warning_v2("cdk-saga:HandlerNotChecked", self._raised(entry["raised"]))
        return [*self._not_importable(entry), *self._not_registered(entry)]

    def _raised(self, error: str) -> str:
        return (
            f"importing the handler {self._handler!r} raises {error}; import it without the function's environment "
            f"(read variables where they are used) to have it checked"
        )

    def _not_importable(self, entry: Entry) -> Iterator[str]:
        whose = f"function {self._function.node.path}: its handler {self._handler!r}"
        module = self._handler.replace("/", ".").rpartition(".")[0]
        missing = entry.get("missing")
        if missing and (module == missing or module.startswith(f"{missing}.")):
            yield f"{whose} is not in its bundle: there is no module {missing!r}; correct it, or bundle its folder"
        elif missing and not self._layers:
            yield (
                f"{whose} imports {missing!r}, which is neither in its bundle nor in Lambda's Python; "
                f"add it to the bundle's distributions, or give the function a layer that has it"
            )
        if "absent" in entry:
            yield f"{whose} cannot be imported: {entry['absent']}; correct handler=, or the import"

    def _not_registered(self, entry: Entry) -> Iterator[str]:
        if "names" not in entry:
            return
        known = ", ".join(entry["names"]) or "none"
        for name, where in self._steps.items():
            if name not in entry["names"]:
                yield (
                    f"{where}: no handler {name!r} in {self._handler!r}, which registers: {known}; "
                    f"correct the step, or write the handler"
                )


def expect_handlers(scope: Construct, plans: list[Plan], wired: Wired) -> None:
    """Check the function of a participant when CDK validates the app, as far as it can be read.

    Args:
        scope: the saga.
        plans: of every version that is deployed.
        wired: the participant.
    """
    function: Any = wired.function
    while isinstance(function, lambda_.Alias | lambda_.Version):
        function = function.lambda_
    check = getattr(function, "entry_check", None)
    if isinstance(check, EntryCheck):
        for plan in plans:
            check.expect(plan, wired.name)
    elif isinstance(function, lambda_.Function):
        # Which variables a function has cannot be read: jsii returns none of those that CDK renders late.
        Annotations.of(scope).add_info(
            f"the function of participant {wired.name!r} is no ParticipantFunction: to use saga_runtime it needs the "
            f"variables {', '.join(NEEDED)}"
        )
