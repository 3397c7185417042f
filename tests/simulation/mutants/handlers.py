"""The call of a handler, and the values that it takes and gives, broken on purpose."""

import contextlib
from typing import Any

import pytest

from saga_runtime import handlers, values
from saga_runtime.handlers import ExternalHandler, LocalHandler

Patch = pytest.MonkeyPatch


def rejected_while_compensating(patch: Patch) -> None:
    """An error of a handler that is the runtime's own is taken for the runtime's."""
    patch.setattr(handlers, "_handler_errors_apart", lambda *_: contextlib.nullcontext())


def any_compensation_is_done(patch: Patch) -> None:
    """A compensation has undone its effect whatever it returns, e.g. a coroutine that nothing awaits."""
    patch.setattr(handlers, "_check_nothing", lambda *_: None)


def command_shared_with_its_handler(patch: Patch) -> None:
    """A handler gets the very command whose saga goes on to the next step."""

    def act(self: LocalHandler | ExternalHandler, *args: Any) -> Any:
        return self.run(*args)

    patch.setattr(LocalHandler, "act", act)
    patch.setattr(ExternalHandler, "act", act)


def numbers_as_they_come(patch: Patch) -> None:
    """A float without a fraction stays one, although it comes back from a state machine as an integer."""
    patch.setattr(values, "settled", lambda value: value)
