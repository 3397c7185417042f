"""What both styles have in common: recovery, the dead-letter queue with its alarms, and how a saga is started."""

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
from cdk_saga.aws.recovery_environment import recovery_environment
from cdk_saga.aws.saga_alarms import saga_alarms
from cdk_saga.aws.start_output import put_out
from cdk_saga.aws.watchdog import Watchdog, default_lateness, silence
from cdk_saga.aws.wiring import AnyFunction, Wired, check_lasting, check_versions, wire
from cdk_saga.definition import Saga
from cdk_saga.plan import Plan, advise, compile_saga
from cdk_saga.render.permissions import DEAD_LETTERS, RECOVERY, STARTER, permissions
from cdk_saga.render.permissions.roles import Style


class SagaBase(SagaEndings):
    """A saga, deployed. The styles differ in what :meth:`_render` makes of the plan, not in how they are used.

    Args:
        saga: the definition.
        participants: the function of each participant that the steps name.
        ledger: where the saga's state is decided; the functions must use the same one.
        bus: where its endings are published.
        previous_versions: earlier definitions of it whose sagas may still be in flight: each goes on with the steps it
            started with. Leave them out once none is left.
        timeouts: of functions whose time-out cannot be read because they are imported.
        bundle: recovery's code; the saga runtime by default.
        settings: time-out, memory and logs of recovery, logs of executions.
        recovery_options: those of CDK's ``Function`` for recovery, by its names: ``vpc``, ``tracing``,
            ``reserved_concurrent_executions`` …
        execution_logs: what Step Functions logs of executions; a choreographed saga has none.
        late_alarm_after: age from which on an unfinished saga is late; the saga's deadline by default, else an hour
            and the time that its steps may wait.
        compensated_alarm_percent: per cent of the sagas ending in 15 minutes that may be compensated without alarm.
        encryption_key: a customer-managed key for queues, logs, executions and recovery's variables; without one, keys
            that AWS owns. Ledger and bus have their own.
        alarm_actions: what the alarms do.

    Attributes:
        recovery: the function that takes over sagas whose execution or message crashed, timed out, stopped or vanished.
        watchdog: the schedule on which it looks for what has vanished.
        dead_letter_queue: what even recovery could not act on, for an operator to redrive.
        alarms: on any message in the dead-letter queue, any saga that is stuck, any that is late, and on many that are
            compensated.

    Raises:
        WiringError: saga, participants, time-outs and bus do not fit.
    """

    style: Style

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        saga: Saga,
        participants: Mapping[str, AnyFunction],
        ledger: ILedger,
        bus: ISagaBus,
        previous_versions: Sequence[Saga] = (),
        timeouts: Mapping[str, Duration] | None = None,
        bundle: Bundle | None = None,
        settings: FunctionSettings = DEFAULTS,
        recovery_options: FunctionOptions | None = None,
        execution_logs: sfn.LogLevel = sfn.LogLevel.ERROR,
        late_alarm_after: Duration | None = None,
        compensated_alarm_percent: int = 25,
        encryption_key: kms.IKey | None = None,
        alarm_actions: Sequence[cloudwatch.IAlarmAction] = (),
    ) -> None:
        given = {name: value for name, value in locals().items() if name in RULES}
        check_arguments(type(self).__name__, given)
        sagas = [saga, *previous_versions]
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
            permissions(plans, self.style),
            wired.values(),
            ledger=ledger,
            bus=bus,
            encryption_key=encryption_key,
        )
        self._permissions.names[DEAD_LETTERS] = dead.queue.arn
        options: FunctionOptions = {**(recovery_options or {})}
        options["environment"] = {**recovery_environment(plan, earlier), **(options.get("environment") or {})}
        self.recovery = self._recovery_function(bundle or Bundle.runtime(), bus, options)
        late = int(late_alarm_after.to_seconds()) if late_alarm_after else default_lateness(saga)
        self.watchdog = Watchdog(
            self, "Watchdog", saga=saga.name, recovery=self.recovery, late=late, silent=silence(plans, wired)
        )
        answers = ["answer"] if any(task.callback_timeout for one in plans for task in one.tasks) else []
        self._aliases = {name: self._published_as(name) for name in ("manage", *answers)}
        for advice in advise(saga, choreographed=self.style == "choreographed"):
            Annotations.of(self).add_warning_v2(advice.id, advice.text)
        self._render(plan, earlier, wired)
        self._permissions.fill()
        for statement in self._permissions.statements(RECOVERY):
            self.recovery.add_to_role_policy(statement)
        for one in sagas:
            check_lasting(one, wired)
        self.alarms = (dead.alarm, *saga_alarms(self, compensated_alarm_percent, alarm_actions))
        put_out(self, saga.name, self.client_output)

    @property
    def client_output(self) -> dict[str, Any]:
        """Where to start a saga, and send operations: the fields of ``saga_runtime.client.Target``."""
        deadline = {} if self.saga.deadline is None else {"deadline": self.saga.deadline}
        waits = [step.name for step in self.saga.all_steps if step.callback_timeout]
        return {
            "name": self.saga.name,
            "version": self.saga.version,
            "style": self.style,
            "where": self._entry(),
            "recovery": self.recovery.function_name,
            "ledger": self._ledger.table.table_name,
            "dead_letters": self.dead_letter_queue.queue_url,
            "steps": self._steps,
            **({"callback_steps": waits} if waits else {}),
            **deadline,
        }

    def grant_manage(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` cancel, resume, skip and retry sagas of this definition, and redrive dead letters."""
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
                f"give a step callback_timeout=…, or leave the grant out"
            )
        alias = [self._aliases[name].ref]
        return iam.Grant.add_to_principal(grantee=grantee, actions=["lambda:InvokeFunction"], resource_arns=alias)

    def _published_as(self, name: str) -> lambda_.CfnAlias:
        """A name of recovery that can be granted apart, and by which the function knows what its caller may.

        It costs a resource, and nothing at run time: a function for each would have a role, a log group, a policy and
        cold starts of its own. An alias may point to the newest code (AWS Lambda API reference, ``CreateAlias``,
        pattern of ``FunctionVersion``).
        """
        function = self.recovery.function_name
        return lambda_.CfnAlias(self, name.title(), function_name=function, function_version="$LATEST", name=name)

    def _recovery_function(self, bundle: Bundle, bus: ISagaBus, options: FunctionOptions) -> ParticipantFunction:
        recovery = ParticipantFunction(
            self,
            "Recovery",
            service=f"{self.saga.name}-recovery",
            handler="saga_runtime.recovery.handler",
            bundle=bundle,
            ledger=self._ledger,
            bus=bus,
            settings=self._settings,
            encryption_key=self._key,
            **options,
        )
        keep_failures(recovery, self.dead_letter_queue)
        recovery.add_environment("SAGA_DEAD_LETTER_QUEUE", self.dead_letter_queue.queue_url)
        return recovery

    def _render(self, plan: Plan, previous_versions: Sequence[Plan], wired: Mapping[str, Wired]) -> None:
        """Build the style's resources: sagas start with ``plan``, those in flight go by ``previous_versions``."""
        raise NotImplementedError

    def _entry(self) -> str:
        """Where sagas of this style start."""
        raise NotImplementedError
