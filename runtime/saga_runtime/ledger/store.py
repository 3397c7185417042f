"""One request to DynamoDB, and what its refusal says."""

import contextlib
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from botocore.exceptions import ClientError

from saga_runtime.errors import Busy
from saga_runtime.ledger.items import CLOSER, ENDED, Entry, Item, is_unannounced, item, stored
from saga_runtime.services import Services

FAILED: Final = "ConditionalCheckFailed"
PASSING: Final = frozenset(
    (
        "TransactionConflict",
        "ThrottlingError",
        "ProvisionedThroughputExceeded",
        "TransactionConflictException",
        "TransactionInProgressException",
        "ThrottlingException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
    )
)
"""Reasons and errors that a little later are gone."""
TRIES: Final = 5
"""Attempts of one request that others are in the way of: with full jitter they last up to 0.75 seconds in all."""


class Refused(Exception):
    """A condition on the ledger's own items failed.

    Attributes:
        step: the step's old item; empty when there was none; ``None`` when its condition held.
        meta: likewise for the saga's item.
    """

    def __init__(self, step: Item | None, meta: Item | None) -> None:
        super().__init__(f"the ledger refused: step {step}, saga {meta}")
        self.step = step
        self.meta = meta


class ConditionFailed(Exception):
    """The ledger agreed, but the condition of business write number ``index`` failed."""

    def __init__(self, index: int) -> None:
        super().__init__(f"the condition of write {index + 1} failed")
        self.index = index


@dataclass
class Written:
    """What one delivery has itself changed in the ledger: the rest was there before.

    Attributes:
        endings: the endings that its writes brought the saga to.
        unannounced: whether it found a saga that was closed before it began, and whose ending nothing has published.
        again: whether it found that another delivery of its message has ended the saga.
    """

    endings: set[str] = field(default_factory=set[str])
    unannounced: bool = False
    again: bool = False


class Store:
    """Writes entries as one request: a plain one for a single entry (half the price), else a transaction.

    Args:
        services: AWS.
        message: the id of the message that is being delivered, where a queue delivers it.

    Attributes:
        id: marks an ending that it writes, so that a request which the SDK has resent is recognised.
        part: the part of the index in which it lists sagas, drawn at random.
        written: what came of it so far.
    """

    def __init__(self, services: Services, message: str = "") -> None:
        self.services = services
        self.table = services.ledger_table
        self._message = message[:8]
        self.id = self.mark()
        self.part = uuid.uuid4().hex[0]
        self.written = Written()

    def mark(self) -> str:
        """A mark for one ending, by which other deliveries of the same message know it too.

        One of those may have died before it published the ending, and this one's end may delete the message: with the
        handle of an earlier receive it "might not be deleted" (Amazon SQS API Reference, "DeleteMessage").
        """
        return f"{self._message}.{uuid.uuid4().hex[:12]}"

    def write(self, step: Entry | None, meta: Entry | None = None, business: Sequence[Entry] = ()) -> None:
        """Write all of it, or nothing.

        Reasons are read in the only safe order: the ledger's refusal, then conflicts, then business conditions. A
        duplicate would otherwise be taken for "flight full".

        Raises:
            Refused: by the ledger.
            Busy: conflict or throttle, after several tries.
            ConditionFailed: of a business write.
        """
        entries = [entry for entry in (step, meta, *business) if entry]
        for _ in self.attempts():
            try:
                self._send(entries)
            except ClientError as error:
                reasons = _reasons(error, len(entries))
                self._judge(error, reasons, step, meta)
            else:
                self.written.endings |= {state for state in ENDED if meta and _state_in(meta) == state}
                return
        raise Busy("DynamoDB reports conflicts or throttling on this saga's items")

    def note(self, entry: Entry) -> Refused | None:
        """Write what is worth keeping and changes nothing if it is lost; the refusal when the ledger refuses it."""
        with contextlib.suppress(Busy, ClientError):
            try:
                self.write(entry)
            except Refused as refused:
                return refused
        return None

    def read(self, key: tuple[str, str]) -> Item:
        """One item as it is now; empty for none.

        Raises:
            Busy: throttled, after several tries.
        """
        pk, sk = map(stored, key)
        for _ in self.attempts():
            try:
                found = self.services.dynamodb.get_item(
                    TableName=self.table, Key={"pk": cast(Any, pk), "sk": cast(Any, sk)}, ConsistentRead=True
                )
                return item(found.get("Item", {}))
            except ClientError as error:
                self._judge(error, _reasons(error, 1), None, None)
        raise Busy("DynamoDB throttles this saga's items")

    def attempts(self) -> Iterator[int]:
        """The attempts of one request, with a pause between two."""
        yield 0
        for attempt in range(1, TRIES):
            self.services.sleep(self.services.chance() * 0.025 * 2**attempt)
            yield attempt

    def take(self, entry: Entry) -> Item:
        """Update one item and return what it was before; empty when there was none.

        Raises:
            Refused: its condition failed.
            Busy: throttled.
        """
        try:
            answer = self.services.dynamodb.update_item(**cast(Any, entry["Update"]), ReturnValues="ALL_OLD")
        except ClientError as error:
            self._judge(error, _reasons(error, 1), entry, None)
            raise Busy("DynamoDB throttles this saga's items") from error
        return item(answer.get("Attributes", {}))

    def _send(self, entries: list[Entry]) -> None:
        client = self.services.dynamodb
        if len(entries) > 1:
            client.transact_write_items(TransactItems=cast(Any, entries))
        elif "Put" in entries[0]:
            client.put_item(**cast(Any, entries[0]["Put"]))
        else:
            client.update_item(**cast(Any, entries[0]["Update"]))

    def _learn(self, meta: Item) -> None:
        self.written.unannounced |= is_unannounced(meta)
        closer = str(meta.get(CLOSER, ""))
        if closer == self.id:
            self.written.endings.add("COMPLETED" if meta.get("st") == "COMPLETED" else "COMPENSATED")
        self.written.again |= bool(self._message) and closer.startswith(f"{self._message}.")

    def _judge(self, error: ClientError, reasons: list[dict[str, Any]], step: Entry | None, meta: Entry | None) -> None:
        """Return only when another try makes sense."""
        own = iter(reasons)
        refusals = [_image(next(own)) if entry else None for entry in (step, meta)]
        if any(refusal is not None for refusal in refusals):
            self._learn(refusals[-1] or {})
            raise Refused(*refusals) from error
        codes = [reason.get("Code") for reason in reasons]
        if PASSING.intersection(codes):
            return
        if FAILED in codes:
            raise ConditionFailed(codes.index(FAILED) - sum(1 for entry in (step, meta) if entry)) from error
        raise error


def _state_in(meta: Entry) -> str:
    """The state that an entry brings a saga to; of one with a note, the state for which the note has another word."""
    (body,) = meta.values()
    return (body.get("Item", {}).get("st") or body["ExpressionAttributeValues"].get(":st", {"S": ""}))["S"]


def _image(reason: dict[str, Any]) -> Item | None:
    return item(reason.get("Item", {})) if reason.get("Code") == FAILED else None


def _reasons(error: ClientError, entries: int) -> list[dict[str, Any]]:
    """One reason an entry, whichever request it was."""
    response = cast(dict[str, Any], error.response)
    code = response["Error"]["Code"]
    if code == "TransactionCanceledException":
        return response["CancellationReasons"]
    if code == "ConditionalCheckFailedException":
        return [{"Code": FAILED, "Item": response.get("Item", {})}]
    return [{"Code": code}] * entries
