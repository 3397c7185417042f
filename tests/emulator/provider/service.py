"""The providers' API: requests in, answers out, in whatever mood they are."""

import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from emulator.provider.bookings import Answer, Desk
from emulator.provider.modes import Behaviour, ProviderModes


class Service:
    """Answers requests; `released` ends the waiting of everybody who is kept waiting."""

    def __init__(self) -> None:
        self.desks = {
            "bookings": Desk("T", ("customer", "pickup")),
            "charges": Desk("C", ("customer", "card", "cents")),
            "notices": Desk("N", ("customer", "text")),
        }
        self.provider_modes = ProviderModes()
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
            case ("PUT", "behaviour"):
                self.provider_modes.add(Behaviour(**body))
                return HTTPStatus.NO_CONTENT, {}
            case ("DELETE", "behaviour"):
                self.provider_modes.clear()
                return HTTPStatus.NO_CONTENT, {}
            case ("PUT", collection, key) if desk := self.desks.get(collection):
                mode = self.provider_modes.due("place", collection, key, str(body["customer"]))
                return self._act(mode, lambda: desk.place(key, body))
            case ("DELETE", collection, key) if desk := self.desks.get(collection):
                return self._act(
                    self.provider_modes.due("cancel", collection, key, desk.customer(key)), lambda: desk.cancel(key)
                )
            case ("GET", collection) if desk := self.desks.get(collection):
                return HTTPStatus.OK, {"orders": desk.orders()}
            case _:
                return HTTPStatus.NOT_FOUND, {"error": f"no such request: {method} /{'/'.join(path)}"}

    def _act(self, mode: Behaviour | None, act: Callable[[], Answer]) -> Answer:
        if mode is None:
            return act()
        match mode.mode:
            case "refuse":
                return HTTPStatus.CONFLICT, {"error": "refused"}
            case "fail":
                return HTTPStatus.INTERNAL_SERVER_ERROR, {"error": "out of order"}
            case "late":
                done = act()
                self.released.wait(mode.seconds)
                return done
            case "slow":
                self.released.wait(mode.seconds)
                return act()
