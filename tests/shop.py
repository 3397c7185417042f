"""A participant with both modes over a table of its own, for tests of the runtime."""

from dataclasses import dataclass, field
from typing import Any

from saga_runtime import Command, Participant, Pending, Rejected, Writes
from saga_runtime.services import Services

TABLE = "shop"


@dataclass
class Context:
    """Lambda's context, as far as the runtime looks."""

    milliseconds: int = 3000
    alias: str = ""

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds

    @property
    def invoked_function_arn(self) -> str:
        return f"arn:aws:lambda:us-east-1:1:function:recovery{self.alias and ':'}{self.alias}"


class Crashed(BaseException):
    """The function's process ends here, and no handler of errors notices."""


@dataclass
class Shop:
    """Handlers whose behaviour a test can change, and the effects that they had."""

    services: Services
    outside: dict[str, str] = field(default_factory=dict[str, str])
    calls: list[str] = field(default_factory=list[str])
    answer: Any = None
    receipt: str = ""
    pending: bool = False
    raises: BaseException | None = None
    returns: Any = None

    def participant(self) -> Participant:
        shop = Participant("shop", self.services)

        @shop.action
        def reserve(command: Command, writes: Writes) -> dict[str, Any] | Pending:
            self.calls.append(command.handler)
            writes.update(
                TABLE, {"pk": "stock"}, "ADD pieces :less", values={":less": -1, ":one": 1},
                condition="pieces >= :one", rejected="sold out",
            )  # fmt: skip
            if self.raises:
                raise self.raises
            known = {"reserved": command.idempotency_key}
            return Pending(known) if self.pending else self.answer or known

        @reserve.compensation
        def release(command: Command, writes: Writes) -> None:
            self.calls.append(command.handler)
            assert command.result is not None
            writes.update(TABLE, {"pk": "stock"}, "ADD pieces :more", values={":more": 1})
            if self.raises:
                raise self.raises
            return self.returns

        @shop.external_action
        def charge(command: Command) -> dict[str, Any] | Pending:
            self.calls.append(command.handler)
            if isinstance(self.raises, Rejected):
                raise self.raises
            self.outside[command.idempotency_key] = "charged"
            if self.raises:
                raise self.raises
            return Pending({"asked": "bank"}) if self.pending else {"receipt": self.receipt or command.idempotency_key}

        @charge.compensation
        def refund(command: Command) -> None:
            self.calls.append(command.handler)
            if self.raises:
                raise self.raises
            self.outside.pop(command.idempotency_key, None)
            return self.returns

        return shop


def payload(
    handler: str,
    operation: str = "action",
    *,
    step: str = "goods",
    saga_id: str = "t-1",
    given: Any = None,
    **more: Any,
) -> dict[str, Any]:
    """A command as both styles send it; ``more`` goes into ``task`` or, for results and failure, into ``saga``."""
    saga = {
        "schema": "saga/1",
        "name": "order",
        "version": "v1",
        "id": saga_id,
        "input": {"n": 1} if given is None else given,
        "results": more.pop("results", {}),
        "started": 1_000_000,
        "failure": more.pop("failure", None),
    }
    task = {"step": step, "operation": operation, "handler": handler, "saga": saga["name"], "version": saga["version"]}
    return {"task": {**task, **more}, "saga": saga}
