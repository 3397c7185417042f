"""The bus: where sagas begin, where choreographed ones travel, and where each announces its ending."""

import functools
from collections.abc import Callable, Sequence
from typing import cast

from aws_cdk import Annotations, ArnFormat, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from cdk_saga.aws.dead_letters import DeadLetterQueue
from cdk_saga.aws.errors import WiringError
from cdk_saga.aws.keys import grant_key_to_bus
from cdk_saga.aws.queues import allow_rules
from cdk_saga.definition import Saga
from cdk_saga.limits import RULES


class ISagaBus(Construct):
    """A bus: one of this app, or one that is imported.

    Attributes:
        event_bus: the bus.
        name: its name, asked of jsii once.
        arn: its ARN, likewise.
    """

    event_bus: events.IEventBus

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        self._sagas: set[Saga] = set()
        self._rules = 0

    @functools.cached_property
    def name(self) -> str:
        """The bus's name."""
        return self.event_bus.event_bus_name

    @functools.cached_property
    def arn(self) -> str:
        """The bus's ARN."""
        return self.event_bus.event_bus_arn

    def admit(self, saga: Saga) -> None:
        """Note that ``saga`` travels on this bus; other versions of it may travel beside it.

        Raises:
            WiringError: it is here already, so that each of its events would be acted on twice.
        """
        if saga in self._sagas:
            raise WiringError(
                f"saga {saga.name!r}, version {saga.version}, is on this bus twice; "
                f"give one another name (dataclasses.replace(saga, name=…)) or another bus"
            )
        self._sagas.add(saga)

    def expect_rules(self, saga: Saga, rules: int) -> None:
        """Note that ``saga`` adds so many rules, and warn when a bus may have fewer; the quota can be raised."""
        self._rules += rules
        if self._rules > RULES.most:
            Annotations.of(self).add_warning_v2(
                "cdk-saga:ManyRules",
                f"with saga {saga.name!r} the bus has {self._rules} rules, the quota is {RULES.most} a bus: "
                f"have it raised, or give the saga another bus",
            )

    def rules_arn(self, scope: Construct) -> str:
        """The pattern of the ARNs of this bus's rules, as seen from the stack of ``scope``."""
        return Stack.of(scope).format_arn(
            service="events",
            resource="rule",
            resource_name=f"{self.name}/*",
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )


class SagaBus(ISagaBus):
    """A custom event bus, one an environment.

    Args:
        account_only: refuse events from outside this account, whatever else a policy may allow later.
        encryption_key: a customer-managed key for the events and the rules; without one, a key that AWS owns.
        alarm_actions: what the alarm on undeliverable events does, which a bus with a key has.

    Attributes:
        dead_letters: keeps the events that EventBridge cannot encrypt or decrypt, and has an alarm; ``None`` without a
            key, when that cannot happen.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        account_only: bool = True,
        encryption_key: kms.IKey | None = None,
        alarm_actions: Sequence[cloudwatch.IAlarmAction] = (),
    ) -> None:
        super().__init__(scope, id)
        bus = events.EventBus(self, "Bus", kms_key=encryption_key)
        self.event_bus = cast(events.IEventBus, bus)
        grant_key_to_bus(encryption_key)
        self.dead_letters = self._dead_letters(alarm_actions) if encryption_key else None
        if account_only:
            bus.add_to_resource_policy(
                iam.PolicyStatement(
                    sid="DenyOtherAccounts",
                    effect=iam.Effect.DENY,
                    principals=[cast(iam.IPrincipal, iam.StarPrincipal())],
                    actions=["events:PutEvents"],
                    resources=[self.arn],
                    # A service that comes without a role has no account; only its own Allow could let it in.
                    conditions={
                        "StringNotEquals": {"aws:PrincipalAccount": Stack.of(self).account},
                        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                    },
                )
            )

    @staticmethod
    def from_event_bus_name(scope: Construct, id: str, event_bus_name: str) -> ISagaBus:
        """Import a custom bus that is there already, in the same account and Region.

        Its policy and its encryption are its owner's: :class:`SagaBus` refuses other accounts, this changes nothing.

        Raises:
            WiringError: it is the default bus, on which AWS's own services publish.
        """
        if event_bus_name == "default":
            raise WiringError("SagaBus.from_event_bus_name('default'): give a custom bus; the default one is AWS's own")
        bus = events.EventBus.from_event_bus_name
        return _ImportedBus(scope, id, lambda imported: bus(imported, "Bus", event_bus_name))

    @staticmethod
    def from_event_bus_arn(scope: Construct, id: str, event_bus_arn: str) -> ISagaBus:
        """Import a custom bus by its ARN; see :meth:`from_event_bus_name`."""
        bus = events.EventBus.from_event_bus_arn
        return _ImportedBus(scope, id, lambda imported: bus(imported, "Bus", event_bus_arn))

    def _dead_letters(self, actions: Sequence[cloudwatch.IAlarmAction]) -> DeadLetterQueue:
        """Add what AWS advises for a bus with a customer-managed key.

        Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-event-bus-dlq.html. The queue is
        encrypted by a key of Amazon SQS: with the bus's own it could not be written when it is needed.
        """
        found = DeadLetterQueue(
            self,
            "Dead",
            whose="the bus",
            what="an event waits that EventBridge could not encrypt or decrypt",
            cure="Make the key usable again, then put the events on the bus again",
            section="events-without-a-key",
            alarm_actions=actions,
        )
        cast(
            events.CfnEventBus, self.event_bus.node.default_child
        ).dead_letter_config = events.CfnEventBus.DeadLetterConfigProperty(arn=found.queue.arn)
        allow_rules(found.queue, self.arn, self.rules_arn(self))
        return found


class _ImportedBus(ISagaBus):
    def __init__(self, scope: Construct, id: str, bus: Callable[[Construct], events.IEventBus]) -> None:
        super().__init__(scope, id)
        self.event_bus = bus(self)
