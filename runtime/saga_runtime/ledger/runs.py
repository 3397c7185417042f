"""The names of executions that run a saga again: only recovery knows the random part."""

import re
import uuid
from typing import TYPE_CHECKING, Final

from saga_runtime.ledger.items import META, Item, saga_key, update
from saga_runtime.ledger.store import Refused, Store

if TYPE_CHECKING:
    from saga_runtime.ledger.state import SagaKey

TOKEN: Final = 10
"""Characters of the token; an execution's name has 80, a saga's id 64."""
RERUNS: Final = "abc"
"""What the names of further executions end with, after one that died."""
RESUMED: Final = "runs"
"""How often an operator or the watchdog has set the saga going again."""


def token_of(execution: str) -> str:
    """The token in the name of an execution that runs a saga again."""
    return execution.partition(".")[2][:TOKEN]


def next_rerun(execution: str) -> str | None:
    """What the name of the execution after a dead one ends with; ``None`` when it was the last."""
    suffix = execution.partition(".")[2][TOKEN:]
    base, count = re.fullmatch(rf"(.*?)([{RERUNS}]?)", suffix, re.DOTALL).groups()  # pyright: ignore[reportOptionalMemberAccess] # always matches
    following = RERUNS.find(count) + 1 if count else 0
    return f"{base}{RERUNS[following]}" if following < len(RERUNS) else None


class Runs:
    """Names executions of sagas that recovery sets going again."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def name(self, saga: "SagaKey", suffix: str) -> str:
        """The name with which the ledger knows an execution as recovery's."""
        fresh: Item = {"run": uuid.uuid4().hex[:TOKEN]}
        key = saga_key(saga.name, saga.id), META
        first = update(self.store.table, key, fresh, "attribute_exists(pk) AND attribute_not_exists(run)")
        try:
            self.store.write(first)
        except Refused as refused:
            fresh = {"run": (refused.step or {}).get("run", "")}
        return f"{saga.id}.{fresh['run']}{suffix}"

    def resumption(self, saga: "SagaKey") -> str:
        """The same for one that goes on by order: each operation has an execution of its own."""
        key = saga_key(saga.name, saga.id), META
        counted = update(self.store.table, key, {RESUMED: 1}, counted=[RESUMED])
        before = int(self.store.take(counted).get(RESUMED, 0))
        return self.name(saga, f"r{before}")
