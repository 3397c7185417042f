"""What each role may do for a saga, derived from its plans.

Who calls what: the handlers' runtime (``saga_runtime.entry``), the recovery function (``saga_runtime.recovery``), AWS
Lambda for the queues that it polls, Step Functions for the functions that it calls. The simulator refuses whatever is
missing here, and a test removes each action and expects a run to fail.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Literal

from cdk_saga.plan import STARTED, Ending, Outcome, Plan, Task
from cdk_saga.render.permissions.statements import (
    ALIAS,
    ALL_RULES,
    BUS,
    DEAD_LETTERS,
    EXECUTIONS,
    FAILED,
    INDEX,
    KEY,
    LEDGER,
    LEDGER_KEY,
    RULES,
    STATE_MACHINE,
    WATCHDOG,
    Condition,
    Permissions,
    Ref,
    Statement,
    function_of,
    queue_of,
    rule_of,
    via,
)

Style = Literal["choreographed", "orchestrated"]
RECOVERY: Final = "recovery"
MACHINE: Final = "state machine's role"
STARTER: Final = "starter"
EVENTBRIDGE: Final = "events.amazonaws.com"
"""No role, but what the policies of queues and keys allow to this service."""

OPENS: Final = ("dynamodb:PutItem",)
"""What the first step needs to make the saga's item, and recovery to close a saga that never began."""
WRITES: Final = ("dynamodb:UpdateItem",)
ATTEMPTS: Final = ("dynamodb:GetItem",)
"""What tells how many attempts have failed, once one has."""
CONSUME: Final = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
"""What an event source mapping needs (AWS Lambda Developer Guide, "Using Lambda with Amazon SQS")."""
POSTPONE: Final = ("sqs:ChangeMessageVisibility", "sqs:GetQueueUrl")
"""What the runtime needs to say when a message comes back."""
GIVE_UP: Final = ("sqs:SendMessage", "sqs:GetQueueUrl")
"""What the runtime needs to send a command on whose attempts are used up."""
DECRYPT: Final = ("kms:Decrypt",)
ENCRYPT: Final = ("kms:Decrypt", "kms:GenerateDataKey")
USES: Final[Mapping[str, tuple[str, str, tuple[str, ...]]]] = {
    "dynamodb": (LEDGER_KEY, "dynamodb", DECRYPT),
    "sqs:ReceiveMessage": (KEY, "sqs", DECRYPT),
    "sqs:SendMessage": (KEY, "sqs", ENCRYPT),
    "states:DescribeExecution": (KEY, "states", DECRYPT),
    "states:GetExecutionHistory": (KEY, "states", DECRYPT),
}
"""Service or action → the key that its data is encrypted with, through which service, and for what. DynamoDB decrypts
its table's own key whether it reads or writes (Amazon DynamoDB Developer Guide, "Encryption at rest: how it works");
Amazon SQS makes a key for what is sent (its Developer Guide, "Key management")."""


def permissions(plans: Sequence[Plan], style: Style) -> Permissions:
    """The statements of each role, and of EventBridge.

    Args:
        plans: of the saga, the newest version first.
        style: how it is rendered.
    """
    tasks: dict[str, list[tuple[Plan, Task]]] = {}
    for plan, task in _of_all(plans):
        tasks.setdefault(task.participant, []).append((plan, task))
    saga, waits = plans[0].saga, any(task.callback_timeout for plan in plans for task in plan.tasks)
    roles = {name: _participant(saga, own, style) for name, own in tasks.items()}
    roles[RECOVERY] = _recovery(saga, style, waits=waits)
    roles[STARTER] = _starter(saga, style)
    if style == "orchestrated":
        functions = tuple(Ref(function_of(name)) for name in tasks)
        roles[MACHINE] = iter((Statement(("lambda:InvokeFunction",), functions),))
    services = {EVENTBRIDGE: tuple(_rules(plans))} if style == "choreographed" else {}
    return {**{role: tuple(_with_keys(statements)) for role, statements in roles.items()}, **services}


def _of_all(plans: Sequence[Plan]) -> Iterator[tuple[Plan, Task]]:
    return ((plan, task) for plan in plans for task in plan.tasks)


def _participant(saga: str, tasks: Sequence[tuple[Plan, Task]], style: Style) -> Iterator[Statement]:
    payloads = [(task, plan.payload(task)) for plan, task in tasks]
    reads = any(_joins(task, payload, style) for task, payload in payloads)
    reads |= style == "choreographed" and any(_ends_continued_compensation(plan, task) for plan, task in tasks)
    opens = any(task.first and task.group is None for task, _ in payloads)
    yield _ledger(saga, *ATTEMPTS, *(OPENS if opens else ()), *WRITES, *(["dynamodb:Query"] if reads else []))
    if style == "choreographed":
        yield _publish(saga)
        queues = dict.fromkeys(queue_of(task.id.step, task.id.operation) for _, task in tasks)
        yield Statement((*CONSUME, *POSTPONE), tuple(map(Ref, queues)))
        yield Statement(GIVE_UP, (Ref(FAILED),))
        return
    if endings := {ending for task, payload in payloads for ending in _endings(task, payload)}:
        yield _publish(saga, *(Ending(ending).event for ending in sorted(endings)))
    if any(task.callback_timeout for task, _ in payloads):
        yield Statement(("states:SendTaskSuccess",), (Ref(STATE_MACHINE),))


def _joins(task: Task, payload: Mapping[str, Any], style: Style) -> bool:
    """Whether it asks the ledger for the other branches of its group: a state machine knows, but at the very end."""
    join: Mapping[str, Any] = payload.get("join", {})
    return bool(join) if style == "choreographed" else _success(task) in join.get("ends", {})


def _ends_continued_compensation(plan: Plan, task: Task) -> bool:
    """Whether it asks the ledger for what failed in the steps given up: a state machine leaves that to recovery."""
    return plan.continue_on_failure and Outcome.COMPENSATED.value in plan.payload(task).get("ends", {})


def _endings(task: Task, payload: Mapping[str, Any]) -> Iterator[str]:
    """The endings that the task's function publishes where a state machine is in charge."""
    own, group = payload.get("ends", {}), payload.get("join", {}).get("ends", {})
    yield from (own[outcome] for outcome in (_success(task), Outcome.REJECTED.value) if outcome in own)
    yield from (group[outcome] for outcome in (_success(task),) if outcome in group)


def _success(task: Task) -> str:
    return next(outcome for outcome in (Outcome.SUCCEEDED, Outcome.COMPENSATED) if outcome in task.on).value


def _recovery(saga: str, style: Style, *, waits: bool) -> Iterator[Statement]:
    yield _ledger(saga, *OPENS, *WRITES, "dynamodb:Query")
    yield Statement(("dynamodb:Query",), (Ref(LEDGER, f"/index/{INDEX}"), Ref(LEDGER, f"/index/{WATCHDOG}")))
    yield _publish(saga)
    # What it acts on again it reads itself: no caller can hand it a message.
    yield Statement(("sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage"), (Ref(DEAD_LETTERS),))
    if style == "choreographed":
        # The message of a step that waits is its timer: if it comes here early it is put off.
        yield Statement((*CONSUME, *(POSTPONE if waits else ())), (Ref(FAILED),))
        return
    # Not narrowed to an alias: what died runs again on the version it had, whichever that is.
    answers = ("states:SendTaskSuccess", "states:SendTaskFailure") if waits else ()
    yield Statement(("states:StartExecution", *answers), (Ref(STATE_MACHINE),))
    yield Statement(("states:DescribeExecution", "states:GetExecutionHistory"), (Ref(EXECUTIONS, ":*"),))


def _rules(plans: Sequence[Plan]) -> Iterator[Statement]:
    """A rule may fill its own queue and, where it cannot, the queue of failed commands; other rules may not."""
    rules: dict[str, list[Ref]] = {}
    for plan, task in _of_all(plans):
        task_rule = rule_of(task.id.step, task.id.operation, plan.version)
        rules.setdefault(queue_of(task.id.step, task.id.operation), []).append(Ref(task_rule))
    for queue, own in rules.items():
        yield Statement(("sqs:SendMessage",), (Ref(queue),), (_from_rules(*own),))
    yield Statement(("sqs:SendMessage",), (Ref(FAILED),), (_from_rules(Ref(RULES, "/*")),))
    yield Statement(ENCRYPT, (Ref(KEY),), (_from_rules(Ref(ALL_RULES, "/*")),))


def _from_rules(*rules: Ref) -> Condition:
    return Condition("ArnLike", "aws:SourceArn", rules)


def _starter(saga: str, style: Style) -> Iterator[Statement]:
    """To start, and to ask whether a saga has begun with the same input: its fingerprint, and nothing else of it.

    Who may see some attributes only has to ask for these (Amazon DynamoDB Developer Guide, "Using IAM policy conditions
    for fine-grained access control").
    """
    begun = _ledger(saga, "dynamodb:Query")
    attributes = Condition("ForAllValues:StringEquals", "dynamodb:Attributes", ("pk", "sk", "ih"))
    only = Condition("StringEquals", "dynamodb:Select", ("SPECIFIC_ATTRIBUTES",))
    yield replace(begun, conditions=(*begun.conditions, attributes, only))
    if style == "choreographed":
        yield _publish(saga, STARTED)
        return
    # The call names the alias, but is authorized on the machine's own ARN, with the alias as a condition key (Step
    # Functions Developer Guide, "Authorization for versions and aliases").
    alias = Condition("ForAnyValue:StringEquals", "states:StateMachineQualifier", (ALIAS,))
    yield Statement(("states:StartExecution",), (Ref(STATE_MACHINE),), (alias,))


def _ledger(saga: str, *actions: str) -> Statement:
    """On this saga's items only; a transaction needs the permissions of its writes, each with its own item's key."""
    own = Condition("ForAllValues:StringLike", "dynamodb:LeadingKeys", (f"SAGA#{saga}#*",))
    return Statement(actions, (Ref(LEDGER),), (own,))


def _publish(saga: str, *detail_types: str) -> Statement:
    """One call carries several events, so the keys are multivalued: each value has to match."""
    source = Condition("ForAllValues:StringEquals", "events:source", (f"saga.{saga}",))
    exactly = Condition("ForAllValues:StringEquals", "events:detail-type", detail_types)
    return Statement(("events:PutEvents",), (Ref(BUS),), (source, exactly) if detail_types else (source,))


def _with_keys(statements: Iterable[Statement]) -> Iterator[Statement]:
    """The statements, and those that let the role use a customer-managed key for what they allow."""
    uses: dict[tuple[str, str], dict[str, None]] = {}
    for statement in statements:
        yield statement
        for action in statement.actions:
            if use := USES.get(action) or USES.get(action.partition(":")[0]):
                key, service, needed = use
                uses.setdefault((key, service), {}).update(dict.fromkeys(needed))
    for (key, service), actions in uses.items():
        # The suffix is another one in each partition: amazonaws.com, amazonaws.com.cn.
        through = Condition("StringLike", "kms:ViaService", (Ref(via(service), ".*"),))
        yield Statement(tuple(actions), (Ref(key),), (through,))
