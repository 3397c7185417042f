"""What both styles have in common: the relay, the dead-letter queue with its alarms, and how a saga is started."""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Annotations, Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk_saga.aws.acknowledged import INLINE_POLICIES, acknowledge_controls
from cdk_saga.aws.arguments import RULES, check_arguments
from cdk_saga.aws.briefing import briefing
from cdk_saga.aws.bundle import Bundle
from cdk_saga.aws.bus import ISagaBus
from cdk_saga.aws.dead_letters import DeadLetterQueue
from cdk_saga.aws.endings import SagaEndings
from cdk_saga.aws.entry_check import expect_handlers
from cdk_saga.aws.errors import WiringError
from cdk_saga.aws.function import DEFAULTS, FunctionSettings, ParticipantFunction, keep_failures
from cdk_saga.aws.ledger import ILedger
from cdk_saga.aws.options import FunctionOptions
from cdk_saga.aws.permissions import SagaPermissions
from cdk_saga.aws.places import check_place
from cdk_saga.aws.saga_alarms import saga_alarms
from cdk_saga.aws.start_output import put_out
from cdk_saga.aws.watch import Watch, default_lateness, silence
from cdk_saga.aws.wiring import AnyFunction, Wired, check_lasting, check_versions, wire
from cdk_saga.definition import Saga
from cdk_saga.plan import Plan, advise, compile_saga
from cdk_saga.render.permissions import DEAD_LETTERS, RECOVERY, STARTER, permissions
from cdk_saga.render.permissions.roles import Style


class SagaStyle(SagaEndings):
    """A saga, deployed. The styles differ in what :meth:`_render` makes of the plan, not in how they are used.

    Args:
        saga: the definition.
        participants: the function of each participant that the steps name.
        ledger: where the saga's state is decided; the functions must use the same one.
        bus: where its endings are announced.
        draining: earlier definitions of it whose sagas may still be in flight: each goes on with the steps it started
            with. Leave them out once none is left.
        timeouts: of functions whose time-out cannot be read because they are imported.
        bundle: the relay's code; the saga runtime by default.
        settings: time-out, memory and logs of the relay, logs of executions.
        relay_options: those of CDK's ``Function`` for the relay, by its names: ``vpc``, ``tracing``,
            ``reserved_concurrent_executions`` …
        execution_logs: what Step Functions logs of executions; a choreographed saga has none.
        late_after: age from which on an unfinished saga is late; the saga's deadline by default, else an hour
            and the time that its steps may wait.
        most_compensated: per cent of the sagas ending in 15 minutes that may be compensated without alarm.
        encryption_key: a customer-managed key for queues, logs, executions and the relay's variables; without one, keys
            that AWS owns. Ledger and bus have their own.
        alarm_actions: what the alarms do.

    Attributes:
        relay: the function that takes over where nobody is left to: crashed, timed out, stopped, used up, vanished.
        watch: the schedule on which it looks for what has vanished.
        dead_letter_queue: what even the relay could not act on, for an operator to redrive.
        alarms: on any message in the dead-letter queue, any saga that is stuck, any that is late, and on many that are
            compensated.

    Raises:
        WiringError: saga, participants, time-outs and bus do not fit.
    """

    STYLE: Style

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        saga: Saga,
        participants: Mapping[str, AnyFunction],
        ledger: ILedger,
        bus: ISagaBus,
        draining: Sequence[Saga] = (),
        timeouts: Mapping[str, Duration] | None = None,
        bundle: Bundle | None = None,
        settings: FunctionSettings = DEFAULTS,
        relay_options: FunctionOptions | None = None,
        execution_logs: sfn.LogLevel = sfn.LogLevel.ERROR,
        late_after: Duration | None = None,
        most_compensated: int = 25,
        encryption_key: kms.IKey | None = None,
        alarm_actions: Sequence[cloudwatch.IAlarmAction] = (),
    ) -> None:
        given = {name: value for name, value in locals().items() if name in RULES}
        check_arguments(type(self).__name__, given)
        sagas = [saga, *draining]
        check_versions(sagas)
        wired = wire(sagas, participants, timeouts or {})
        plan, *earlier = plans = [compile_saga(one) for one in sagas]
        self._steps = plan.undoable
        for one in sagas:
            bus.admit(one)
        ledger.admit(saga.name, bus)
        super().__init__(
            scope, id, saga=saga, bus=bus, metrics_namespace=settings.metrics_namespace or ledger.metrics_namespace
        )
        acknowledge_controls(self, INLINE_POLICIES)
        whose = f"saga {saga.name!r}"
        check_place(self, whose, "its ledger", ledger.table)
        check_place(self, whose, "its bus", bus.event_bus)
        for one in wired.values():
            check_place(self, whose, f"the function of participant {one.name!r}", one.function)
            expect_handlers(self, plans, one)
        self._ledger = ledger
        self._settings = settings
        self._execution_logs = execution_logs
        self._key = encryption_key
        dead = DeadLetterQueue(
            self,
            "Dead",
            whose=f"saga {saga.name}",
            cure=f"Look at it with 'cdk-saga dead-letters {saga.name}', correct the cause, then redrive",
            encryption_key=encryption_key,
            alarm_actions=alarm_actions,
        )
        self.dead_letter_queue = dead.queue
        self._permissions = SagaPermissions(
            self,
            permissions(plans, self.STYLE),
            wired.values(),
            ledger=ledger,
            bus=bus,
            encryption_key=encryption_key,
        )
        self._permissions.names[DEAD_LETTERS] = dead.queue.arn
        options: FunctionOptions = {**(relay_options or {})}
        options["environment"] = {**briefing(plan, earlier), **(options.get("environment") or {})}
        self.relay = self._told_relay(bundle or Bundle.runtime(), bus, options)
        late = int(late_after.to_seconds()) if late_after else default_lateness(saga)
        self.watch = Watch(self, "Watch", saga=saga.name, relay=self.relay, late=late, silent=silence(plans, wired))
        answers = ["answer"] if any(task.waits for one in plans for task in one.tasks) else []
        self._aliases = {name: self._published_as(name) for name in ("manage", *answers)}
        for advice in advise(saga, choreographed=self.STYLE == "choreographed"):
            Annotations.of(self).add_warning_v2(advice.id, advice.text)
        self._render(plan, earlier, wired)
        self._permissions.fill()
        for statement in self._permissions.statements(RECOVERY):
            self.relay.add_to_role_policy(statement)
        for one in sagas:
            check_lasting(one, wired)
        self.alarms = (dead.alarm, *saga_alarms(self, most_compensated, alarm_actions))
        put_out(self, saga.name, self.start_target)

    @property
    def start_target(self) -> dict[str, Any]:
        """Where to start a saga, and give orders: the fields of ``saga_runtime.client.Target``."""
        deadline = {} if self.saga.deadline is None else {"deadline": self.saga.deadline}
        waits = [step.name for step in self.saga.steps if step.waits]
        return {
            "name": self.saga.name,
            "version": self.saga.version,
            "style": self.STYLE,
            "where": self._entry(),
            "relay": self.relay.function_name,
            "ledger": self._ledger.table.table_name,
            "dead_letters": self.dead_letter_queue.queue_url,
            "steps": self._steps,
            **({"waits": waits} if waits else {}),
            **deadline,
        }

    def grant_manage(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` cancel, resume, forgive and replay sagas of this definition, and redrive dead letters."""
        return self._grant_alias("manage", grantee)

    def grant_answer(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee``, a webhook say, complete and reject steps that wait for an answer, and do nothing else.

        Raises:
            WiringError: no step of the saga waits.
        """
        return self._grant_alias("answer", grantee)

    def grant_erase(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` erase what customers sent from the ledger, of sagas of this definition only."""
        return self._ledger.grant_erase(grantee, self.saga.name)

    def grant_start(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` start this saga and ask whether it has begun with the same input, and nothing else."""
        return self._permissions.grant(STARTER, grantee)

    def _grant_alias(self, name: str, grantee: iam.IGrantable) -> iam.Grant:
        if name not in self._aliases:
            raise WiringError(
                f"saga {self.saga.name!r}: grant_{name} allows answers to steps that wait, and none does; "
                f"give a step waits=…, or leave the grant out"
            )
        alias = [self._aliases[name].ref]
        return iam.Grant.add_to_principal(grantee=grantee, actions=["lambda:InvokeFunction"], resource_arns=alias)

    def _published_as(self, name: str) -> lambda_.CfnAlias:
        """A name of the relay that can be granted apart, and by which the function knows what its caller may.

        It costs a resource, and nothing at run time: a function for each would have a role, a log group, a policy and
        cold starts of its own. An alias may point to the newest code (AWS Lambda API reference, ``CreateAlias``,
        pattern of ``FunctionVersion``).
        """
        function = self.relay.function_name
        return lambda_.CfnAlias(self, name.title(), function_name=function, function_version="$LATEST", name=name)

    def _told_relay(self, bundle: Bundle, bus: ISagaBus, options: FunctionOptions) -> ParticipantFunction:
        relay = ParticipantFunction(
            self,
            "Relay",
            service=f"{self.saga.name}-relay",
            handler="saga_runtime.relay.handler",
            bundle=bundle,
            ledger=self._ledger,
            bus=bus,
            settings=self._settings,
            encryption_key=self._key,
            **options,
        )
        keep_failures(relay, self.dead_letter_queue)
        relay.add_environment("SAGA_DEAD", self.dead_letter_queue.queue_url)
        return relay

    def _render(self, plan: Plan, draining: Sequence[Plan], wired: Mapping[str, Wired]) -> None:
        """Build the style's resources: sagas start with ``plan``, those in flight may go by one of ``draining``."""
        raise NotImplementedError

    def _entry(self) -> str:
        """Where sagas of this style start."""
        raise NotImplementedError
