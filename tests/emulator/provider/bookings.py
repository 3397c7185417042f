"""A provider's books: which orders there are."""

import threading
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

Json = dict[str, Any]
Answer = tuple[HTTPStatus, Json]


@dataclass
class Order:
    """An order; a cancelled one stays in the books."""

    key: str
    order: Json
    confirmation: str
    cancelled: bool = False


class Desk:
    """Takes and cancels orders; several threads may come at once.

    Args:
        sign: the letter that its confirmations begin with.
        fields: what an order has to say.
    """

    def __init__(self, sign: str, fields: tuple[str, ...]) -> None:
        self._sign = sign
        self._fields = fields
        self._orders: dict[str, Order] = {}
        self._tombstones: set[str] = set()
        self._lock = threading.Lock()

    def place(self, key: str, body: Json) -> Answer:
        """Take an order under an idempotency key: the same key again returns the same order.

        Raises:
            KeyError: if the body lacks a field.
        """
        order = {field: body[field] for field in self._fields}
        with self._lock:
            known = self._orders.get(key)
            if key in self._tombstones or (known and known.cancelled):
                return HTTPStatus.GONE, {"error": "cancelled before"}
            placed = known or Order(key, order, f"{self._sign}-{len(self._orders) + 1:04}")
            self._orders[key] = placed
            return HTTPStatus.OK if known else HTTPStatus.CREATED, {"key": key, "confirmation": placed.confirmation}

    def cancel(self, key: str) -> Answer:
        """Cancel an order; an unknown key is remembered, so that a late order under it is refused."""
        with self._lock:
            order = self._orders.get(key)
            if not order:
                self._tombstones.add(key)
                return HTTPStatus.NOT_FOUND, {"error": "unknown order"}
            order.cancelled = True
            return HTTPStatus.OK, {"key": key, "cancelled": True}

    def customer(self, key: str) -> str:
        """Whose order this is; empty for an unknown key."""
        with self._lock:
            return str(self._orders[key].order["customer"]) if key in self._orders else ""

    def orders(self) -> list[Json]:
        """All orders, oldest first."""
        with self._lock:
            return [asdict(order) for order in self._orders.values()]
