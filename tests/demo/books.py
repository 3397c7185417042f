"""What the ledger, the participants' tables and the provider's books say: the same questions for both styles."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from demo.deployment import Deployment

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Effects:
    """What sagas have left behind.

    Attributes:
        seats: left on the flight.
        rooms: left in the hotel.
        flights: bookings of seats.
        hotels: bookings of rooms.
        transfers: bookings with the provider that are not cancelled.
        told: the messages to the customer.
    """

    seats: int
    rooms: int
    flights: int
    hotels: int
    transfers: int
    told: tuple[str, ...]


class Books:
    """Reads, and prepares, what the cases need.

    A `key` begins the ids of a run's sagas, and is the name of its flight and its hotel.
    """

    def __init__(self, deployment: Deployment) -> None:
        self._dynamodb = deployment.client("dynamodb")
        self._provider = deployment.provider
        self._ledger = deployment.variable("Flights", "SAGA_LEDGER")
        self._flights = deployment.variable("Flights", "TABLE")
        self._hotels = deployment.variable("Hotels", "TABLE")
        self._messages = deployment.variable("Messages", "TABLE")

    def stock(self, key: str, *, seats: int, rooms: int) -> None:
        """Put a flight and a hotel on sale."""
        for table, item, units, number in (
            (self._flights, f"FLIGHT#{key}", "seats", seats),
            (self._hotels, f"HOTEL#{key}", "rooms", rooms),
        ):
            self._dynamodb.put_item(TableName=table, Item={"pk": {"S": item}, units: {"N": str(number)}})

    def knows(self, saga: str, saga_id: str) -> bool:
        """Whether the ledger has heard of a saga."""
        return bool(self._meta(saga, saga_id))

    def has_ended(self, saga: str, saga_id: str) -> bool:
        """Whether a saga has ended; with a message to the customer, unless it is stuck."""
        state = self._meta(saga, saga_id).get("st")
        told = bool(self._get(self._messages, pk=f"MESSAGE#{saga}#{saga_id}"))
        return state == "STUCK" or (state in ("COMPLETED", "COMPENSATED") and told)

    def endings(self, saga: str, key: str) -> tuple[str, ...]:
        """How the sagas ended that the ledger knows of, in alphabetical order."""
        metas = [row for row in self._all(self._ledger) if row["sk"] == "META"]
        return tuple(sorted(row["st"] for row in metas if row["pk"].startswith(f"SAGA#{saga}#{key}")))

    def effects(self, saga: str, key: str) -> Effects:
        """What the sagas have left behind."""
        transfers = [b for b in self._provider.bookings() if b["booking"].startswith(f"{saga}.{key}")]
        return Effects(
            seats=int(self._get(self._flights, pk=f"FLIGHT#{key}")["seats"]),
            rooms=int(self._get(self._hotels, pk=f"HOTEL#{key}")["rooms"]),
            flights=self._bookings(self._flights, key),
            hotels=self._bookings(self._hotels, key),
            transfers=sum(not booking["cancelled"] for booking in transfers),
            told=self._told(f"MESSAGE#{saga}#{key}"),
        )

    def _bookings(self, table: str, key: str) -> int:
        return sum(row["pk"].startswith("BOOKING#") and row["saga"].startswith(key) for row in self._all(table))

    def _told(self, prefix: str) -> tuple[str, ...]:
        return tuple(sorted(row["text"] for row in self._all(self._messages) if row["pk"].startswith(prefix)))

    def _meta(self, saga: str, saga_id: str) -> Json:
        return self._get(self._ledger, pk=f"SAGA#{saga}#{saga_id}", sk="META")

    def _get(self, table: str, **key: str) -> Json:
        typed = {name: {"S": value} for name, value in key.items()}
        return _plain(self._dynamodb.get_item(TableName=table, Key=typed, ConsistentRead=True).get("Item", {}))

    def _all(self, table: str) -> Iterator[Json]:
        for page in self._dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
            yield from map(_plain, page["Items"])


def _plain(item: Json) -> Json:
    return {name: TypeDeserializer().deserialize(value) for name, value in item.items()}
