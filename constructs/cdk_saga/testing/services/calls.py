"""What a request asks of IAM: the actions, the resources they are on, and the context of their conditions."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

Json = dict[str, Any]
Context = tuple[tuple[str, tuple[str, ...]], ...]
ACCOUNT: Final = "123456789012"
REGION: Final = "us-east-1"
_PARTITION: Final = re.compile(r"pk = (:\w+)")
QUALIFIED: Final = 8
"""Parts of a state machine's ARN with a version or alias."""


class Call(NamedTuple):
    """One action on one resource.

    Attributes:
        action: e.g. ``dynamodb:PutItem``.
        resource: an ARN; empty where a token stands for it.
        context: condition keys and their values.
    """

    action: str
    resource: str
    context: Context = ()


def calls(service: str, operation: str, parameters: Json) -> Iterator[Call]:
    """The calls that a request is authorized as; none for a service that is not AWS's.

    Args:
        service: as boto3 names it.
        operation: the API call, e.g. ``PutItem``.
        parameters: of the call.
    """
    read = _READERS.get(service)
    return read(operation, parameters) if read else iter(())


def arn(service: str, resource: str) -> str:
    """An ARN in the simulated account."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def _dynamodb(operation: str, parameters: Json) -> Iterator[Call]:
    """A transaction needs no permission of its own, but that of each of its items, ``ConditionCheckItem`` among them.

    Amazon DynamoDB Developer Guide, "Using IAM with DynamoDB transactions"; for the leading keys its "Using IAM policy
    conditions for fine-grained access control".
    """
    if operation in ("TransactWriteItems", "TransactGetItems"):
        for entry in parameters["TransactItems"]:
            for kind, body in entry.items():
                yield _item("ConditionCheckItem" if kind == "ConditionCheck" else f"{kind}Item", body)
    elif operation in ("BatchGetItem", "BatchWriteItem"):
        for table, asked in parameters["RequestItems"].items():
            keys = asked["Keys"] if operation == "BatchGetItem" else [_written(one) for one in asked]
            yield _call(operation, table, ("LeadingKeys", tuple(sorted({_leading(key) for key in keys}))))
    else:
        yield _item(operation, parameters)


def _item(operation: str, body: Json) -> Call:
    table = body["TableName"]
    if "IndexName" in body:
        return _call(operation, f"{table}/index/{body['IndexName']}")
    if operation == "Scan":
        return _call(operation, table)
    leading = _queried(body) if operation == "Query" else _leading(body.get("Item") or body["Key"])
    asked = (("Select", (body["Select"],)), ("Attributes", _asked(body))) if "Select" in body else ()
    return _call(operation, table, ("LeadingKeys", (leading,)), *asked)


def _call(operation: str, table: str, *keys: tuple[str, tuple[str, ...]]) -> Call:
    context = tuple((f"dynamodb:{name}", values) for name, values in keys)
    return Call(f"dynamodb:{operation}", arn("dynamodb", f"table/{table}"), context)


def _written(request: Json) -> Json:
    ((_, body),) = request.items()
    return body.get("Item") or body["Key"]


def _queried(body: Json) -> str:
    """The partition that a query of the ledger names; an unusual way to write that is taken for none of the saga's."""
    found = _PARTITION.match(body.get("KeyConditionExpression", ""))
    return str(next(iter(body["ExpressionAttributeValues"][found[1]].values()))) if found else ""


def _asked(body: Json) -> tuple[str, ...]:
    """The attributes that a request asks for, written plainly."""
    return tuple(name.strip() for name in body.get("ProjectionExpression", "").split(",") if name.strip())


def _leading(key: Json) -> str:
    """The value of the partition key, which is called ``pk`` in the ledger; other tables have no such condition."""
    return str(next(iter(key.get("pk", {"S": ""}).values())))


def _events(operation: str, parameters: Json) -> Iterator[Call]:
    """One request, whose keys have the values of all its entries (EventBridge User Guide, "Using conditions")."""
    entries = parameters["Entries"]
    sources = tuple(dict.fromkeys(entry["Source"] for entry in entries))
    kinds = tuple(dict.fromkeys(entry["DetailType"] for entry in entries))
    context = (("events:source", sources), ("events:detail-type", kinds))
    for bus in dict.fromkeys(bus_of(entry) for entry in entries):
        yield Call(f"events:{operation}", arn("events", f"event-bus/{bus}"), context)


def bus_of(entry: Json) -> str:
    """The bus that an entry of ``PutEvents`` names, the account's default bus if it names none."""
    return entry.get("EventBusName", "default")


def _sqs(operation: str, parameters: Json) -> Iterator[Call]:
    queue = (parameters.get("QueueUrl") or parameters["QueueName"]).rpartition("/")[2]
    yield Call(f"sqs:{operation}", arn("sqs", queue))


def _states(operation: str, parameters: Json) -> Iterator[Call]:
    """A version or an alias is authorized on its state machine's ARN, itself being a condition key.

    Step Functions Developer Guide, "Authorization for versions and aliases". An answer names its task by a token; it is
    granted on the machine's ARN (Service Authorization Reference).
    """
    named = parameters.get("stateMachineArn") or parameters.get("executionArn") or ""
    parts = named.split(":")
    if "stateMachineArn" in parameters and len(parts) == QUALIFIED:
        qualifier = (("states:StateMachineQualifier", (parts[-1],)),)
        yield Call(f"states:{operation}", named.rpartition(":")[0], qualifier)
    else:
        yield Call(f"states:{operation}", named)


_READERS: Final[Mapping[str, Callable[[str, Json], Iterator[Call]]]] = {
    "dynamodb": _dynamodb,
    "events": _events,
    "sqs": _sqs,
    "stepfunctions": _states,
}
