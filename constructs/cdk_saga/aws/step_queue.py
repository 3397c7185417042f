"""One task of a choreographed saga: rule → queue → function. Each version that has the task has its own rule."""

import json
from collections.abc import Sequence
from typing import cast

from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from constructs import Construct

from cdk_saga.aws.bus import ISagaBus
from cdk_saga.aws.consumer import Consumer
from cdk_saga.aws.errors import WiringError
from cdk_saga.aws.queues import WAITED_OFF, WORKED_OFF, SagaQueue, allow_rules, saga_queue
from cdk_saga.definition.retry import VISIBILITY_FACTOR
from cdk_saga.limits import DELIVERY_AGE, DELIVERY_ATTEMPTS, EVENT_PATTERN
from cdk_saga.render import Route
from cdk_saga.render.patience import longest_time


class StepQueue(Construct):
    """Carries commands to one step in one direction.

    Args:
        routes: which events, which command, how many attempts; of each version of the saga, the newest first.
        newest: the version that sagas start with; the step queue may be there only for earlier ones.
        bus: where the events are.
        consumer: who acts on them.
        timeout: seconds the consumer may take.
        failed: where a command goes that could not be delivered, or whose attempts are used up.
        encryption_key: of the queue.

    Attributes:
        queue: holds commands until they are done.
        rules: put the command of an event into the queue, by version.
        source: hands commands to the consumer.

    Raises:
        WiringError: the retries could take longer than a queue keeps messages, or too many events lead here.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        routes: Sequence[Route],
        newest: str,
        bus: ISagaBus,
        consumer: Consumer,
        timeout: int,
        failed: SagaQueue,
        encryption_key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, id)
        for route in routes:
            _check_patience(route, timeout)
            _check_pattern(route)
        self.queue = saga_queue(
            self,
            "Queue",
            retention=max(map(_kept, routes)),
            consumer_timeout=timeout,
            redrive_to=failed,
            attempts=max(route.receives(VISIBILITY_FACTOR * timeout) for route in routes),
            encryption_key=encryption_key,
        )
        ids = {route.version: "Rule" if route.version == newest else f"Rule.{route.version}" for route in routes}
        self.rules = {route.version: self._rule(ids[route.version], route, bus, failed) for route in routes}
        self._order_rules(newest)
        allow_rules(self.queue, *(rule.rule_arn for rule in self.rules.values()))
        self.source = consumer.consume(self, self.queue)

    def _order_rules(self, newest: str) -> None:
        """A deploy turns the rule to the newest version; the earlier one's events have their own rule before that."""
        earlier = [rule for version, rule in self.rules.items() if version != newest]
        if newest in self.rules and earlier:
            self.rules[newest].node.add_dependency(*earlier)

    def _rule(self, id: str, route: Route, bus: ISagaBus, failed: SagaQueue) -> events.Rule:
        pattern = route.pattern
        rule = events.Rule(
            self,
            id,
            description=f"saga {route.saga}: commands for step {route.step}, {route.operation}",
            event_bus=bus.event_bus,
            event_pattern=events.EventPattern(
                source=pattern["source"], detail_type=pattern["detail-type"], detail=pattern.get("detail")
            ),
        )
        # Set on the resource: the L2 target would write the queues' policies, see allow_rules.
        resource = cast(events.CfnRule, rule.node.default_child)
        resource.targets = [self._target(route, failed)]
        return rule

    def _target(self, route: Route, failed: SagaQueue) -> events.CfnRule.TargetProperty:
        return events.CfnRule.TargetProperty(
            id="Queue",
            arn=self.queue.arn,
            input_transformer=events.CfnRule.InputTransformerProperty(
                input_paths_map=route.input_paths, input_template=route.input_template
            ),
            retry_policy=events.CfnRule.RetryPolicyProperty(
                maximum_event_age_in_seconds=DELIVERY_AGE.most, maximum_retry_attempts=DELIVERY_ATTEMPTS.most
            ),
            dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=failed.arn),
        )


def _kept(route: Route) -> int:
    """Days that the queue keeps a command; that of a step which waits is its timer."""
    return WAITED_OFF if route.callback_timeout else WORKED_OFF


def _check_patience(route: Route, timeout: int) -> None:
    """An expired message is a lost one: every attempt must come before that, even if each is a crash."""
    days = (longest_time(route.retry, timeout) + route.callback_timeout) / 86_400
    if days > _kept(route):
        raise WiringError(
            f"saga {route.saga!r}, step {route.step!r}: "
            f"{1 + route.retry.max_attempts} attempts of its {route.operation} "
            f"may take {days:.1f} days, but a queue keeps a command for {_kept(route)}; "
            f"lower the retry's attempts or cap, the function's time-out, or how long it waits"
        )


def _check_pattern(route: Route) -> None:
    """Deploying would fail, minutes later."""
    whose = f"saga {route.saga!r}, step {route.step!r}: {len(route.detail_types)} events lead to its {route.operation}"
    cure = "shorten the names of the steps after it, or orchestrate the saga"
    EVENT_PATTERN.check(len(json.dumps(route.pattern, separators=(",", ":"))), whose, cure, WiringError)
