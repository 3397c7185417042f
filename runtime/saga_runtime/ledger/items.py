"""The ledger's items and the requests that write them. Attribute names are short: they are stored in every item."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

Json = dict[str, Any]
Item = dict[str, str | int]
Entry = dict[str, Json]
"""One element of a ``TransactWriteItems``: ``{"Put": {...}}`` or ``{"Update": {...}}``."""

META: Final = "META"
ABSENT: Final = "attribute_not_exists(pk)"
NOTHING: Final = "NONE"
"""What ``prev`` of an external step says that was never done."""
TRIED: Final = "TRIED"
"""The state of a step with a local effect whose action has raised so far: nothing has happened."""
MAX_ERROR: Final = 1000
"""Characters of an error that the ledger keeps for people."""
CANCEL: Final = "#cancel"
"""Who aborted a saga when it was an order; no step can be called that."""
WATCH: Final = "#watchdog"
"""Likewise when it was the watchdog."""
RECOVERY: Final = "recovery"
"""Who closed a saga, if it was not its last compensation."""
CLAIMS: Final = "claims"
"""The attribute of META that keeps the results of a command that knew more than the ledger."""
CLOSER: Final = "closer"
"""The attribute of META that says which request ended a saga without completing it, or a group that completed it."""
ENDED: Final = ("COMPLETED", "COMPENSATED", "PARTIALLY_COMPENSATED")
"""The states of a saga that nothing follows."""
NOTE: Final = "end_"
"""How the attributes of META begin that say what others of it will be when a compensation is through, see
:func:`note`."""
KEPT: Final = 30 * 24 * 3600
"""Seconds. Longer than any redelivery: queues keep 14 days, a redrive of an execution works for 14 days."""
WATCHED: Final = ("wd", "alive")
"""The keys of the watchdog's index, see :func:`watched`."""
RENEWED: Final = KEPT // 2
"""Seconds after which the watchdog lets the items of a saga that has not ended begin this time anew."""


def saga_key(name: str, saga_id: str) -> str:
    """The partition key of a saga's items."""
    return f"SAGA#{name}#{saga_id}"


def step_key(step: str) -> str:
    """The sort key of a step's item. The number is the epoch of a retried saga."""
    return f"STEP#0#{step}"


def view_key(name: str, state: str, part: str) -> str:
    """The partition key by which people list sagas of a definition in a state.

    A sixteenth of the sagas each (the last part), as a partition of DynamoDB takes 1,000 writes a second. Each write
    draws it anew: from the saga's id, a starter could choose ids that all belong to one.

    Args:
        name: the definition's.
        state: as META or, for a stuck one, its view says.
        part: a store's, which is random.
    """
    return f"{name}#{state}#{part}"


def watched(name: str, state: str, part: str, now: int) -> Item:
    """What META says for the watchdog when a saga comes to ``state``; nothing of one that has ended.

    ``alive`` is the time, in seconds since the epoch, until which activity is known without reading the steps. It
    is the sort key of the watchdog's index, so that a look reads what is overdue and nothing else. A stuck saga waits
    for an operator: the watchdog only keeps its items from expiring.
    """
    if state in ENDED:
        return {}
    return {"wd": f"{name}#{part}", "alive": now + RENEWED if state == "STUCK" else now}


def alive_until(time: float, now: float) -> int:
    """The time for ``alive``: not further ahead than items are kept, as the watchdog renews them."""
    return min(int(time), int(now) + RENEWED)


def unwatched(state: str) -> Sequence[str]:
    """The attributes of META that take a saga out of the watchdog's index when it comes to ``state``."""
    return WATCHED if state in ENDED else ()


def note(name: str, part: str) -> Item:
    """What META keeps of a skip: the delivery that finishes the compensation ends the saga PARTIALLY_COMPENSATED."""
    return {f"{NOTE}st": "PARTIALLY_COMPENSATED", f"{NOTE}view": view_key(name, "PARTIALLY_COMPENSATED", part)}


def notable(state: str) -> Sequence[str]:
    """The attributes of META for which such a note may say another value, when a saga comes to ``state``."""
    return ("st", "view") if state == "COMPENSATED" else ()


def is_unannounced(meta: Item) -> bool:
    """Whether a saga was closed before it began, and nothing has published that: whatever does so notes it."""
    return meta.get("by") == RECOVERY and CLOSER not in meta


def stored(value: str | int) -> dict[str, str]:
    """A value as DynamoDB's own types."""
    return {"S": value} if isinstance(value, str) else {"N": str(value)}


def item(raw: Mapping[str, Any]) -> Item:
    """A ledger item as plain values; empty for none."""
    return {name: int(value["N"]) if "N" in value else value["S"] for name, value in raw.items()}


def put(table: str, content: Item, condition: str) -> Entry:
    """Write a whole item under a condition; a refusal carries the old one."""
    attributes = {name: stored(value) for name, value in content.items()}
    return {"Put": {"TableName": table, "Item": attributes, "ConditionExpression": condition, **_WITH_OLD}}


def update(
    table: str,
    key: tuple[str, str],
    change: Item,
    condition: str | None = None,
    values: Item | None = None,
    *,
    kept: Sequence[str] = (),
    noted: Sequence[str] = (),
    counted: Sequence[str] = (),
    added: Item | None = None,
    removed: Sequence[str] = (),
) -> Entry:
    """Set attributes of an item, making it if there is none.

    Args:
        table: the ledger.
        key: partition and sort key.
        change: attributes to set.
        condition: refers to attributes by name and to ``values`` as ``:name``.
        values: further values that the condition needs.
        kept: those attributes of ``change`` that keep the value they have.
        noted: those that get the value noted for them, if there is one.
        counted: those that grow by their value each time, and begin with twice of it.
        added: further attributes that grow by their value each time, and begin with it.
        removed: further attributes, to be removed.
    """
    added = added or {}
    names = {f"#{name}": name for name in (*change, *added, *removed, *(NOTE + name for name in noted))}
    old = {name: f"if_not_exists(#{name}, :{name})" for name in change}
    new = {**{name: f":{name}" for name in change}, **{name: old[name] for name in kept if name in old}}
    new |= {name: f"if_not_exists(#{NOTE}{name}, :{name})" for name in noted}
    new |= {name: f"{old[name]} + :{name}" for name in counted}
    sets = [f"#{name} = {value}" for name, value in new.items()]
    clauses = [f"SET {', '.join(sets)}"]
    clauses += ["ADD " + ", ".join(f"#{name} :{name}" for name in added)] if added else []
    clauses += ["REMOVE " + ", ".join(f"#{name}" for name in removed)] if removed else []
    body: Json = {
        "TableName": table,
        "Key": {"pk": stored(key[0]), "sk": stored(key[1])},
        "UpdateExpression": " ".join(clauses),
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": {
            f":{name}": stored(v) for name, v in {**change, **added, **(values or {})}.items()
        },
    }
    return {"Update": {**body, "ConditionExpression": condition, **_WITH_OLD} if condition else body}


def fence(table: str, pk: str, step: str, now: float, *, by: str = "") -> Entry:
    """Stop a step's action from taking effect, whatever its state; what has happened stays for its compensation.

    Args:
        table: the ledger.
        pk: the saga's partition key.
        step: its name.
        now: seconds since the epoch.
        by: :data:`RECOVERY` where the saga is closed as one that has never begun.
    """
    whose: Item = {"by": by} if by else {}
    return update(table, (pk, step_key(step)), {"fence": int(now * 1000), "ttl": int(now) + KEPT, **whose})


def without(entry: Entry, attribute: str) -> Entry:
    """An update that also removes an attribute."""
    body = entry["Update"]
    names = {**body["ExpressionAttributeNames"], "#gone": attribute}
    expression = f"{body['UpdateExpression']} REMOVE #gone"
    return {"Update": {**body, "UpdateExpression": expression, "ExpressionAttributeNames": names}}


_WITH_OLD: Final = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
