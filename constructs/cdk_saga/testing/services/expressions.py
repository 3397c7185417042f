"""JSONata in a state machine: templates whose texts of the form ``{% … %}`` are evaluated (by jsonata-python)."""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, cast

try:
    from jsonata import Jsonata  # pyright: ignore[reportMissingTypeStubs]
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        f"{missing}; cdk_saga.testing needs its extra: install the wheel as cdk-saga[testing]", name=missing.name
    ) from missing

from cdk_saga.testing.services.doubles import passed_on

States = Mapping[str, Any]
"""The variable ``$states``: input, result, errorOutput and context."""
Evaluate = Callable[[States], Any]

_EXPRESSION: Final = re.compile(r"\{%(.*)%\}", re.DOTALL)
_PATH: Final = re.compile(r"\s*\$states((?:\.\w+)+)\s*(\+\s*1)?\s*")


class EvaluationError(Exception):
    """An expression has no value, or evaluating it fails; ``States.QueryEvaluationError`` in Step Functions."""


def compiled(template: Any) -> Evaluate:
    """Compile a template: objects, lists and texts, some of them expressions; numbers come out as doubles."""
    evaluate = _compiled(template)
    return lambda states: passed_on(evaluate(states))


def _compiled(template: Any) -> Evaluate:
    if isinstance(template, dict):
        fields = {name: _compiled(part) for name, part in cast(dict[str, Any], template).items()}
        return lambda states: {name: evaluate(states) for name, evaluate in fields.items()}
    if isinstance(template, list):
        items = [_compiled(part) for part in cast(list[Any], template)]
        return lambda states: [evaluate(states) for evaluate in items]
    if isinstance(template, str) and (match := _EXPRESSION.fullmatch(template)):
        return expression(match[1])
    return lambda _states: template


@cache
def expression(text: str) -> Evaluate:
    """Compile one expression. Plain paths, four fifths of ours, need no interpreter."""
    if match := _PATH.fullmatch(text):
        return _path(text, match[1].split(".")[1:], 1 if match[2] else None)
    return interpreted(text)


def interpreted(text: str) -> Evaluate:
    """Compile one expression for jsonata-python."""
    program: Any = Jsonata(text)  # half of its types are missing
    program.register_lambda("string", _string)

    def evaluate(states: States) -> Any:
        program.assign("states", states)
        try:
            value = program.evaluate(None)
        except Exception as error:
            raise EvaluationError(f"{text}: {error}") from error
        if value is None:
            raise EvaluationError(f"{text} has no value")
        return value

    return evaluate


def _string(value: Any) -> str:
    """JSONata's ``$string``: its own implementation leaves characters as they are, jsonata-python escapes them."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _path(text: str, names: list[str], more: int | None) -> Evaluate:
    def evaluate(states: States) -> Any:
        value: Any = states
        try:
            for name in names:
                value = value[name]
        except (KeyError, TypeError):
            raise EvaluationError(f"{text} has no value") from None
        return value if more is None else value + more

    return evaluate
