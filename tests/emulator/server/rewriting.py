"""Change a few lines of MiniStack, and fail loudly when they are no longer the lines we know.

A patch names a function, a passage of its source and what stands there instead. The passage has to occur exactly once;
otherwise the server does not start, so an upgrade that moved the ground shows up at once and in words.
"""

import inspect
import linecache
import textwrap
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any


class PatchError(RuntimeError):
    """MiniStack is not as a patch expects it."""


def replace_once(text: str, old: str, new: str, *, where: str) -> str:
    """Replace the only occurrence of a passage.

    Args:
        text: the text to change.
        old: the passage; it has to occur exactly once.
        new: what stands there instead.
        where: what the text is, for the error.

    Raises:
        PatchError: if the passage occurs never or several times.
    """
    found = text.count(old)
    if found != 1:
        raise PatchError(
            f"{where} holds this passage {found} times instead of once:\n\n{textwrap.indent(old, '    ')}\n\n"
            "Compare the installed MiniStack with the pinned version; after an upgrade, adapt the patch to its source."
        )
    return text.replace(old, new)


def rewrite(
    function: Callable[..., Any], changes: dict[str, str], names: dict[str, Callable[..., Any]] | None = None
) -> None:
    """Change passages of a function, in place: whoever holds the function already runs the changed one.

    Args:
        function: a plain function or an unbound method of MiniStack, without closure.
        changes: old passage → new passage.
        names: functions of ours that the new passages call, added to the module's globals.

    Raises:
        PatchError: if a passage does not occur exactly once, or a name is already taken.
    """
    assert isinstance(function, FunctionType)
    where = f"{function.__module__}.{function.__qualname__}"
    source = inspect.getsource(function)
    for old, new in changes.items():
        source = replace_once(source, old, new, where=where)
    _add_globals(function, names or {})
    function.__code__ = _compile(source, function.__name__, f"<patched {where}>")


def _add_globals(function: FunctionType, names: dict[str, Callable[..., Any]]) -> None:
    for name, value in names.items():
        if function.__globals__.setdefault(name, value) is not value:
            raise PatchError(f"{function.__module__} already has the name {name}; choose another for the patch.")


def _compile(source: str, name: str, filename: str) -> CodeType:
    if source[0].isspace():  # a method
        source = "if True:\n" + source
    # The changed source stays readable for tracebacks, and for the next patch of the same function.
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    (code,) = (
        constant
        for constant in compile(source, filename, "exec").co_consts
        if isinstance(constant, CodeType) and constant.co_name == name
    )
    return code
