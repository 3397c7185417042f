"""The provider's API: requests in, answers out, in whatever mood it is."""

import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from emulator.provider.desk import Answer, Desk
from emulator.provider.moods import Action, Behaviour, Moods

REFUSALS = {"book": "no transfer", "cancel": "cannot be cancelled"}


class Service:
    """Answers requests; `released` ends the waiting of everybody who is kept waiting."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.moods = Moods()
        self.released = threading.Event()

    def answer(self, method: str, path: list[str], body: dict[str, Any]) -> Answer:
        """Answer a request.

        Args:
            method: the HTTP method.
            path: the decoded segments of the path.
            body: the decoded JSON body.

        Raises:
            KeyError: if the body lacks a member.
            TypeError: if it has one too many.
            ValueError: if a value is not allowed.
        """
        match (method, *path):
            case ("PUT", "bookings", key):
                return self._book(key, customer=str(body["customer"]), pickup=str(body["pickup"]))
            case ("DELETE", "bookings", key):
                customer = self.desk.customer(key)
                return self._act(self.moods.due("cancel", key, customer), "cancel", lambda: self.desk.cancel(key))
            case ("GET", "bookings"):
                return HTTPStatus.OK, {"bookings": self.desk.bookings()}
            case ("PUT", "behaviour"):
                self.moods.add(Behaviour(**body))
                return HTTPStatus.NO_CONTENT, {}
            case ("DELETE", "behaviour"):
                self.moods.clear()
                return HTTPStatus.NO_CONTENT, {}
            case _:
                return HTTPStatus.NOT_FOUND, {"error": f"no such request: {method} /{'/'.join(path)}"}

    def _book(self, key: str, *, customer: str, pickup: str) -> Answer:
        mood = self.moods.due("book", key, customer)
        return self._act(mood, "book", lambda: self.desk.book(key, customer=customer, pickup=pickup))

    def _act(self, mood: Behaviour | None, action: Action, act: Callable[[], Answer]) -> Answer:
        if mood is None:
            return act()
        match mood.mode:
            case "refuse":
                return HTTPStatus.CONFLICT, {"error": REFUSALS[action]}
            case "fail":
                return HTTPStatus.INTERNAL_SERVER_ERROR, {"error": "out of order"}
            case "late":
                done = act()
                self.released.wait(mood.seconds)
                return done
            case "slow":
                self.released.wait(mood.seconds)
                return act()
