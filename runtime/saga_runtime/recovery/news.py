"""How an execution ended, by the event that says so; the rest is asked of Step Functions, and not more than necessary.

``DescribeExecution`` is eventually consistent, "best effort and may not reflect very recent updates"
(docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html), and may be asked 15 times a second
in most Regions (docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html). The event has the status, the error,
the cause, the version and, up to 248 KB, the input
(docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html).
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, cast

from saga_runtime.errors import BadCommand, Busy
from saga_runtime.refusals import refusal
from saga_runtime.values import canonical

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import DescribeExecutionOutputTypeDef

    from saga_runtime.ledger import SagaKey, SagaState
    from saga_runtime.services import Services

Json = dict[str, Any]
OWN: Final = ("status", "error", "cause")
"""What an event knows better than ``DescribeExecution``, which may be late."""
DATES: Final = ("startDate", "stopDate")


def news_in(event: Json) -> Json:
    """What an "Execution Status Change" event says; raises :class:`BadCommand` for another event."""
    detail: object = event.get("detail")
    if isinstance(detail, dict) and isinstance(cast(Json, detail).get("executionArn"), str):
        return cast(Json, detail)
    raise BadCommand(refusal("the event", event, "an order, messages, or how an execution ended belong there"))


def name_in(news: Json) -> str:
    """The execution's name, the last part of its ARN."""
    return str(news["executionArn"]).rpartition(":")[2]


def execution_of(
    news: Json, services: "Services", saga: "SagaKey", state: "SagaState"
) -> "DescribeExecutionOutputTypeDef":
    """The execution that ended: as the event says, completed from the ledger or, if that does not know, by AWS.

    Args:
        news: what the event says.
        services: AWS.
        saga: the one that its name belongs to.
        state: what the ledger has of that; it is read first.

    Raises:
        Busy: Step Functions has not heard of the end yet, and the event says nothing of it: try again later.
    """
    known: Json = {name: value for name, value in news.items() if isinstance(value, str)} | {"name": name_in(news)}
    known |= {date: datetime.fromtimestamp(at / 1000, UTC) for date in DATES if isinstance(at := news.get(date), int)}
    if state.ended and "input" not in known and "input" in state.meta:
        known["input"] = canonical({**state.saga(saga.name, saga.id), "results": {}})
    if _says_enough(news, known, ended=state.ended):
        return cast("DescribeExecutionOutputTypeDef", known)
    found = services.states.describe_execution(executionArn=news["executionArn"])
    whole = cast(Json, {**found, **{name: known[name] for name in OWN if name in known}})
    if whole["status"] == "RUNNING":
        raise Busy(f"Step Functions says that execution {found['name']!r} is running, although it has ended: ask later")
    return cast("DescribeExecutionOutputTypeDef", whole)


def _says_enough(news: Json, known: Json, *, ended: bool) -> bool:
    """Whether nothing has to be asked; of a saga that has ended, its version is of no interest."""
    how = "status" in known and (known["status"] != "FAILED" or "error" in news)
    return how and {"input", "startDate"} <= known.keys() and (ended or "stateMachineVersionArn" in news)
