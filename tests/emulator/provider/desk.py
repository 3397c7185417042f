"""The provider's books: which transfers are booked."""

import threading
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

Answer = tuple[HTTPStatus, dict[str, Any]]


@dataclass
class Booking:
    """A booked transfer; a cancelled one stays in the books."""

    booking: str
    customer: str
    pickup: str
    confirmation: str
    cancelled: bool = False


class Desk:
    """Books and cancels transfers; several threads may come at once."""

    def __init__(self) -> None:
        self._bookings: dict[str, Booking] = {}
        self._tombstones: set[str] = set()
        self._lock = threading.Lock()

    def book(self, key: str, *, customer: str, pickup: str) -> Answer:
        """Book a transfer under an idempotency key: the same key again returns the same booking."""
        with self._lock:
            known = self._bookings.get(key)
            if key in self._tombstones or (known and known.cancelled):
                return HTTPStatus.GONE, {"error": "cancelled before"}
            booking = known or Booking(key, customer, pickup, f"T-{len(self._bookings) + 1:04}")
            self._bookings[key] = booking
            status = HTTPStatus.OK if known else HTTPStatus.CREATED
            return status, {"booking": key, "confirmation": booking.confirmation}

    def cancel(self, key: str) -> Answer:
        """Cancel a booking; an unknown key is remembered, so that a late booking under it is refused."""
        with self._lock:
            booking = self._bookings.get(key)
            if not booking:
                self._tombstones.add(key)
                return HTTPStatus.NOT_FOUND, {"error": "unknown booking"}
            booking.cancelled = True
            return HTTPStatus.OK, {"booking": key, "cancelled": True}

    def customer(self, key: str) -> str:
        """Whose booking this is; empty for an unknown key."""
        with self._lock:
            return self._bookings[key].customer if key in self._bookings else ""

    def bookings(self) -> list[dict[str, Any]]:
        """All bookings, oldest first."""
        with self._lock:
            return [asdict(booking) for booking in self._bookings.values()]
