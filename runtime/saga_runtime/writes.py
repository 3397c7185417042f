"""The business writes of a step, collected by a handler and committed by the ledger in one transaction."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from saga_runtime.attributes import BadWrite, same_item, typed_map
from saga_runtime.refusals import Refusal, redacted

if TYPE_CHECKING:
    from saga_runtime.command import Command
    from saga_runtime.ledger.items import Entry

__all__ = ["BadWrite", "Writes"]

Json = Mapping[str, Any]
MAX_WRITES: Final = 98
"""A transaction has at most 100 items, two of them are the ledger's."""
FREE_OR_OURS: Final = "attribute_not_exists(pk) OR #holder = :holder"
TAKEN: Final = "#holder = :holder AND contains(#steps, :step)"
"""By the step of this very command."""


class Writes:
    """Collects writes; nothing happens until the handler has returned.

    Every write takes the same terms, by keyword:

    - ``condition``: a condition expression on the item as it is;
    - ``values``: what ``:name`` stands for in expressions;
    - ``names``: what ``#name`` stands for;
    - ``rejected``: the business meaning of a failing condition: the action is rejected with that text. Without it a
      failing condition is an error and the outcome unknown.

    Raises:
        BadWrite: a value that DynamoDB cannot hold, more than 98 writes, or a second write of one item.
    """

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.rejections: list[str | None] = []
        self.alternatives: dict[int, list[Entry]] = {}

    def put(
        self,
        table: str,
        item: Json,
        *,
        condition: str | None = None,
        values: Json | None = None,
        names: Mapping[str, str] | None = None,
        rejected: str | None = None,
    ) -> None:
        """Write a whole item."""
        body = {"TableName": table, "Item": typed_map(item, "item")}
        self._add("Put", _under(body, condition, values, names), rejected)

    def update(
        self,
        table: str,
        key: Json,
        expression: str,
        *,
        condition: str | None = None,
        values: Json | None = None,
        names: Mapping[str, str] | None = None,
        rejected: str | None = None,
    ) -> None:
        """Change an item by an update expression, e.g. ``"ADD seats :less"`` with ``values={":less": -1}``."""
        body = {"TableName": table, "Key": typed_map(key, "key"), "UpdateExpression": expression}
        self._add("Update", _under(body, condition, values, names), rejected)

    def delete(
        self,
        table: str,
        key: Json,
        *,
        condition: str | None = None,
        values: Json | None = None,
        names: Mapping[str, str] | None = None,
        rejected: str | None = None,
    ) -> None:
        """Remove an item."""
        body = {"TableName": table, "Key": typed_map(key, "key")}
        self._add("Delete", _under(body, condition, values, names), rejected)

    def check(
        self,
        table: str,
        key: Json,
        *,
        condition: str,
        values: Json | None = None,
        names: Mapping[str, str] | None = None,
        rejected: str | None = None,
    ) -> None:
        """Change nothing, but require a condition of an item."""
        body = {"TableName": table, "Key": typed_map(key, "key")}
        self._add("ConditionCheck", _under(body, condition, values, names), rejected)

    def check_unchanged(self, table: str, key: Json, seen: Json, *, rejected: str) -> None:
        """Require that an item still has the attributes ``seen``, as they were when the handler read it.

        Stops the fuzzy read and the lost update: another saga changed in between what this one decided upon. For an
        item that this step writes as well, put the same condition on that write: an item stands once in a transaction.

        Args:
            table: the participant's.
            key: of the item.
            seen: attributes, and what the handler found there; ``None``, as ``item.get(name)`` says it, for one that
                the item does not have, or that is null.
            rejected: the action is rejected with that text when one of them is otherwise.

        Raises:
            BadWrite: ``seen`` is empty, so that there is nothing to compare.
        """
        if not seen:
            raise BadWrite(f"seen is {seen!r}: name the attributes that the handler went by, each with what it found")
        names = {f"#a{i}": name for i, name in enumerate(seen)}
        values = {f":v{i}": value for i, value in enumerate(seen.values())}
        conditions = [
            f"(attribute_not_exists(#a{i}) OR #a{i} = :v{i})" if value is None else f"#a{i} = :v{i}"
            for i, value in enumerate(seen.values())
        ]
        self.check(table, key, condition=" AND ".join(conditions), names=names, values=values, rejected=rejected)

    def lock(self, table: str, what: str, holder: "Command", *, rejected: str) -> None:
        """Take the semantic lock on ``what`` for the command's saga, until :meth:`unlock`.

        A row ``LOCK#<what>`` of the participant's own table (partition key ``pk``) names the saga, and the steps that
        have taken it; it is a rejection for every other saga. Stops the dirty read and the lost update: no other saga
        touches what may still be undone ("Countermeasures", Frank and Zahle, 1998). Sagas that need several take them
        in the same operation, e.g. sorted: in opposite orders each rejects the other.
        """
        self.update(
            table,
            _lock(what),
            "SET #holder = :holder ADD #steps :steps",
            condition=FREE_OR_OURS,
            names={"#holder": "holder", "#steps": "steps"},
            values={":holder": _saga_of(holder), ":steps": {holder.step}},
            rejected=rejected,
        )

    def unlock(self, table: str, what: str, holder: "Command") -> None:
        """Give the lock back: in the step after which nothing is undone any more, and in the compensation.

        An action gives it back for the whole saga. A compensation does so for its own step: the last one of those that
        have taken it frees it.
        """
        names, values = {"#holder": "holder"}, {":holder": _saga_of(holder)}
        if holder.operation == "action":
            return self.delete(table, _lock(what), condition=FREE_OR_OURS, names=names, values=values)
        names, values = {**names, "#steps": "steps"}, {**values, ":step": holder.step}
        alone = f"{TAKEN} AND size(#steps) = :one"
        self.delete(table, _lock(what), condition=alone, names=names, values={**values, ":one": 1})
        body = {"TableName": table, "Key": typed_map(_lock(what), "key")}
        left = {**body, "UpdateExpression": "DELETE #steps :steps"}
        shared = {**values, ":one": 1, ":steps": {holder.step}}
        self.alternatives[len(self.entries) - 1] = [
            {"Update": _under(left, f"{TAKEN} AND size(#steps) > :one", shared, names)},
            {"ConditionCheck": _under(body, f"NOT ({TAKEN})", values, names)},
        ]
        return None

    def try_another(self, index: int) -> bool:
        """Replace a write whose condition failed by its next alternative, if there is one left."""
        others = self.alternatives.get(index)
        if not others:
            return False
        self.entries[index] = others.pop(0)
        return True

    def _add(self, kind: str, body: dict[str, Any], rejected: str | None) -> None:
        if len(self.entries) == MAX_WRITES:
            raise BadWrite(f"a step has at most {MAX_WRITES} writes (the limit of a transaction, less 2): split it")
        entry = {kind: body}
        for i, other in enumerate(self.entries):
            if same_item(entry, other):
                raise BadWrite(_twice(len(self.entries) + 1, entry, i + 1, other))
        self.entries.append(entry)
        self.rejections.append(rejected)


def _under(
    body: dict[str, Any], condition: str | None, values: Json | None, names: Mapping[str, str] | None
) -> dict[str, Any]:
    terms = {
        "ConditionExpression": condition,
        "ExpressionAttributeValues": None if values is None else typed_map(values, "values"),
        "ExpressionAttributeNames": None if names is None else dict(names),
    }
    return {**body, **{name: term for name, term in terms.items() if term is not None}}


def _twice(number: int, entry: "Entry", earlier: int, other: "Entry") -> Refusal:
    rule = "a transaction has each item once; make one write of them"
    texts = [
        f"write {number}, {words(entry)}, is of the same item as write {earlier}, {words(other)}: {rule}"
        for words in (_words, _words_for_logs)
    ]
    return redacted(*texts)


def _words(entry: "Entry") -> str:
    ((_, body),) = entry.items()
    key = json.dumps(body.get("Key", body.get("Item")), default=repr)
    return f"{_words_for_logs(entry)} ({key:.200})"


def _words_for_logs(entry: "Entry") -> str:
    ((kind, body),) = entry.items()
    return f"the {kind} in {body['TableName']!r}"


def _lock(what: str) -> dict[str, str]:
    return {"pk": f"LOCK#{what}"}


def _saga_of(command: "Command") -> str:
    return f"{command.saga_name}#{command.saga_id}"
