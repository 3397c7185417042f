"""What a style is to the runner: everything else about a case is the same in both."""

from typing import Any, Protocol

from saga_runtime.client import Target

Json = dict[str, Any]


class Style(Protocol):
    """One way to run one saga of the example: how it is watched.

    Attributes:
        target: where its sagas are started.
        counted: what `count` counts.
    """

    target: Target
    counted: str

    def smuggle(self, command: Json) -> None:
        """Hand a command to the first step; raises `BadCommand` when it is refused at once."""
        ...

    def kept(self, key: str) -> int:
        """How many refused messages with `key` in them the dead-letter queue has; not those of stuck sagas."""
        ...

    def steps(self, saga_id: str) -> list[str]:
        """What has happened so far, in words."""
        ...

    def count(self, key: str) -> int:
        """The state transitions, or messages, of all sagas whose id begins with `key`."""
        ...

    def close(self) -> None:
        """Remove what was made to watch it."""
        ...

    def is_quiet(self) -> bool:
        """Whether no saga is under way any more, not even a duplicate of one."""
        ...
