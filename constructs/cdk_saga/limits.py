"""AWS's limits that a saga can meet, in one place: the number, who sets it, and where it is held here.

``docs/limits.md`` shows this table. Quotas that AWS raises on request are marked, and only warned about.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

AS_OF: Final = date(2026, 11, 22)
"""When the numbers were read."""

STATES: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"
EVENTS: Final = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html"
SQS: Final = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"
QUEUES: Final = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html"
LAMBDA: Final = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"
DYNAMODB: Final = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html"
CLOUDFORMATION: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"
CLOUDWATCH: Final = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html"
SEARCHES: Final = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html"
DASHBOARD: Final = (
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html"
)
IAM: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"


@dataclass(frozen=True)
class Limit:
    """One limit.

    Args:
        what: that is limited, as an error says it.
        most: the largest number allowed.
        unit: of that number.
        source: the page of AWS that says so.
        held: what keeps a saga within it, and when.
        raised: whether AWS raises it on request.
    """

    what: str
    most: int
    unit: str
    source: str
    held: str
    raised: bool = False

    def check(self, value: int, whose: str, cure: str, refuse: Callable[[str], Exception]) -> None:
        """Raise what ``refuse`` makes of a text with the value, the limit and the way out, if ``value`` is too large.

        Args:
            value: the number to check, in :attr:`unit`.
            whose: e.g. ``"saga 'trip', step 'hotel': its action"``.
            cure: what the author can do.
            refuse: makes the error.
        """
        if value > self.most:
            raise refuse(f"{whose}: {self.what} of {value:,} {self.unit}, the limit is {self.most:,}; {cure}")


MACHINE_VERSIONS: Final = Limit(
    "published versions of a state machine",
    1_000,
    "versions",
    STATES,
    "each deployment that changes the machine keeps one more; delete those that no execution runs on",
    raised=True,
)
DEFINITION_SIZE: Final = Limit("a state machine's definition", 1_048_576, "characters", STATES, "refused when rendered")
STATE_NAME: Final = Limit(
    "name of a state, a state machine or an execution",
    80,
    "characters",
    STATES,
    "steps and saga ids have at most 64, and every suffix fits",
)
PAYLOAD: Final = Limit(
    "input and output of a state",
    262_144,
    "bytes",
    STATES,
    "counted with every result before anything is committed, in both styles",
)
HISTORY: Final = Limit(
    "history of an execution", 25_000, "events", STATES, "refused when rendered: every attempt of every task counts"
)
EXECUTION_TIME: Final = Limit(
    "time of an execution",
    31_536_000,
    "seconds",
    STATES,
    "a deadline is at most that; all attempts come within 16 days",
)
CAUSE: Final = Limit("cause of an error", 32_768, "characters", STATES, "cut to 2,000 before it travels")
REDRIVE: Final = Limit(
    "time to redrive an execution", 14, "days", STATES, "not needed: resuming goes by the ledger, which keeps 30"
)
DETAIL_TYPE: Final = Limit(
    "detail-type of an event", 128, "characters", EVENTS, "steps have at most 64 characters, outcomes 11"
)
SOURCE: Final = Limit("source of an event", 256, "characters", EVENTS, "`saga.` and a saga's name of at most 64")
EVENT_PATTERN: Final = Limit(
    "event pattern", 2_048, "characters", EVENTS, "refused when a choreographed saga is constructed"
)
INPUT_TEMPLATE: Final = Limit(
    "the task spec of a command (input template)", 8_192, "bytes", EVENTS, "refused when rendered, in both styles"
)
EVENT_SIZE: Final = Limit("event", 1_048_576, "bytes", EVENTS, "a saga has at most 262,144")
RULES: Final = Limit("rules of a bus", 300, "rules", EVENTS, "warned about (some Regions start at 100)", raised=True)
DELIVERY_ATTEMPTS: Final = Limit("attempts to deliver an event", 185, "attempts", EVENTS, "used in full")
DELIVERY_AGE: Final = Limit("age of an event that is delivered", 86_400, "seconds", EVENTS, "used in full")
RULE_DESCRIPTION: Final = Limit("description of a rule", 512, "characters", EVENTS, "names are short enough")
MESSAGE_KEPT: Final = Limit(
    "time a queue keeps a message",
    14,
    "days",
    SQS,
    "used in full; commands are kept 7, and retries that outlast that are refused",
)
VISIBILITY: Final = Limit(
    "time a message is hidden, from its receive on",
    43_200,
    "seconds",
    SQS,
    "waits are divided into parts of 36,000 at most, `Retry` takes no longer one",
)
RECEIVES: Final = Limit(
    "receives before a message is redriven", 1_000, "receives", SQS, "`Retry` takes at most 800 further attempts"
)
IN_FLIGHT: Final = Limit(
    "hidden messages of a queue", 120_000, "messages", QUEUES, "as many sagas wait at a step at a time, choreographed"
)
FUNCTION_TIME: Final = Limit("time-out of a function", 900, "seconds", LAMBDA, "`FunctionSettings` takes no longer one")
FUNCTION_MEMORY: Final = Limit("memory of a function", 10_240, "MiB", LAMBDA, "`FunctionSettings` takes no more")
ENVIRONMENT: Final = Limit(
    "environment of a function", 4_096, "bytes", LAMBDA, "what recovery knows is packed, then refused when constructed"
)
TRANSACTION: Final = Limit(
    "items of a transaction", 100, "items", DYNAMODB, "at most 99 steps, all fenced at once; at most 98 writes a step"
)
TRANSACTION_SIZE: Final = Limit(
    "items of a transaction, together",
    4_194_304,
    "bytes",
    DYNAMODB,
    "DynamoDB refuses larger writes of a step as a whole, and nothing happens",
)
ITEM: Final = Limit(
    "item", 409_600, "bytes", DYNAMODB, "input and results have less than 262,144, each in an item of its own"
)
DIGITS: Final = Limit(
    "digits of a number",
    38,
    "digits",
    DYNAMODB,
    "refused in writes; inputs and results take less, what a double keeps",
)
RESOURCES: Final = Limit(
    "resources of a stack",
    500,
    "resources",
    CLOUDFORMATION,
    "a choreographed saga with more is refused when constructed, any stack by CDK at synth",
)
OUTPUTS: Final = Limit(
    "outputs of a stack", 200, "outputs", CLOUDFORMATION, "a saga has one, and more than three resources"
)
ROLE_POLICIES: Final = Limit(
    "inline policies of a role",
    10_240,
    "characters",
    IAM,
    "a participant's sagas use managed policies for what is more; CDK splits a state machine's",
)
MANAGED_POLICY: Final = Limit(
    "managed policy", 6_144, "characters", IAM, "a participant's sagas use as many as that takes"
)
MANAGED_POLICIES: Final = Limit(
    "managed policies of a role", 10, "policies", IAM, "warned about; sagas of one stack share them", raised=True
)
ALARMS_SHOWN: Final = Limit(
    "alarms of a dashboard's widget", 100, "alarms", DASHBOARD, "a dashboard has as many widgets as that takes"
)
SEARCH: Final = Limit(
    "search expression of a dashboard", 1_024, "characters", SEARCHES, "divided among as many as that takes"
)
METRICS_SHOWN: Final = Limit(
    "metrics of a dashboard's widget", 500, "metrics", CLOUDWATCH, "a dashboard has as many widgets as that takes"
)
METRICS_OF_A_DASHBOARD: Final = Limit(
    "metrics of a dashboard", 2_500, "metrics", CLOUDWATCH, "refused when constructed: make two of it"
)
METRICS_OF_AN_ALARM: Final = Limit(
    "metrics of an alarm's expression", 10, "metrics", CLOUDWATCH, "throttles of ten functions share an alarm"
)
LIMITS: Final = tuple(limit for limit in list(globals().values()) if isinstance(limit, Limit))
"""All of them, in this order."""

LEDGER_KEPT: Final = 30
"""Days that the ledger remembers a saga after its last change (our own number)."""
