"""No public callable of the runtime takes a keyword that it does not know: a misspelled one is an error."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import saga_runtime
from saga_runtime import Writes


def modules() -> Iterator[Any]:
    yield saga_runtime
    for found in pkgutil.walk_packages(saga_runtime.__path__, "saga_runtime."):
        yield importlib.import_module(found.name)


def public() -> Iterator[tuple[str, Callable[..., Any]]]:
    for module in modules():
        for name, member in vars(module).items():
            if name.startswith("_") or getattr(member, "__module__", "") != module.__name__:
                continue
            if inspect.isclass(member) and not getattr(member, "_is_protocol", False):
                yield f"{module.__name__}.{name}", member
                methods = {method: found for method, found in vars(member).items() if callable(found)}
                yield from ((f"{module.__name__}.{name}.{one}", methods[one]) for one in methods if one[0] != "_")
            elif inspect.isfunction(member):
                yield f"{module.__name__}.{name}", member


PUBLIC = dict(public())


def test_the_walk_sees_what_people_call() -> None:
    assert {
        "saga_runtime.writes.Writes.update",
        "saga_runtime.participant.Participant.action",
        "saga_runtime.client.starting.start",
        "saga_runtime.pending.Pending",
    } <= PUBLIC.keys()


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_callable_has_no_open_keywords(name: str) -> None:
    try:
        parameters = inspect.signature(PUBLIC[name]).parameters.values()
    except ValueError:  # a class of exceptions without a constructor of its own
        return
    assert [one.name for one in parameters if one.kind is inspect.Parameter.VAR_KEYWORD] == []


@pytest.mark.parametrize("write", [Writes.put, Writes.update, Writes.delete, Writes.check])
def test_a_misspelled_condition_is_no_unconditional_write(write: Callable[..., None]) -> None:
    writes = Writes()
    with pytest.raises(TypeError, match="unexpected keyword argument 'conditon'"):
        write(writes, "t", {"pk": "a"}, conditon="attribute_not_exists(pk)")
    assert writes.entries == []
