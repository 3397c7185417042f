"""What Python code hands to a saga, as plain JSON: a handler's result, a caller's input."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, cast

from saga_runtime.refusals import field_of, redacted, refusal, shown
from saga_runtime.values import Refuse, settled

Other = Callable[[object, str, Refuse], Any]
"""What becomes of a value that JSON cannot say."""
CURES: Final[Mapping[str, str]] = {
    "Decimal": "pass a number, or text where every digit counts",
    "UUID": "pass str(...)",
    "datetime": "pass its .isoformat()",
    "date": "pass its .isoformat()",
    "time": "pass its .isoformat()",
    "timedelta": "pass its seconds",
    "set": "pass a list",
    "frozenset": "pass a list",
    "bytes": "pass text, e.g. of base64",
    "Enum": "pass its value",
    "BaseModel": "pass its .model_dump(mode='json')",
}
"""By the name of a class or of a base: this module shall import none of theirs."""


def input_json(value: object, path: str, refuse: Refuse) -> dict[str, Any]:
    """What a caller gives a saga, as a JSON object; nothing is converted that JSON would give back otherwise.

    Args:
        value: a mapping of text to plain values.
        path: its name in errors.
        refuse: makes the error from a text.

    Raises:
        Exception: made by ``refuse``: something else, or in it something that JSON cannot say.
    """
    if not isinstance(value, Mapping):
        raise refuse(refusal(path, value, f"a JSON object belongs there, {{}} for nothing{_cure(value, '; ')}"))
    return _plain(cast(object, value), path, refuse, _refused)


def result_json(value: Mapping[str, Any], path: str, refuse: Refuse) -> dict[str, Any]:
    """What a handler returned, as a JSON object: Decimals become numbers, times with a zone text in ISO 8601.

    Raises:
        Exception: made by ``refuse``: something in it cannot be said in JSON without loss.
    """
    return _plain(value, path, refuse, _converted)


def _plain(value: object, path: str, refuse: Refuse, other: Other) -> Any:
    try:
        return _each(value, path, refuse, other)
    except RecursionError:
        raise refuse(f"{path} is nested without end: pass a flat object") from None


def _each(value: object, path: str, refuse: Refuse, other: Other) -> Any:
    match value:
        case None | bool():
            return value
        case str():
            return str.__str__(value)  # of an enumeration's member too
        case int():
            return int(value)
        case float():
            return settled(float(value))
        case Mapping():
            pairs = cast(Mapping[object, object], value).items()
            return {_key(key, path, refuse): _each(item, f"{path}.{key}", refuse, other) for key, item in pairs}
        case list() | tuple():
            items = cast(list[object], value)
            return [_each(item, f"{path}[{i}]", refuse, other) for i, item in enumerate(items)]
        case _:
            return other(value, path, refuse)


def _refused(value: object, path: str, refuse: Refuse) -> Any:
    cure = _cure(value, "") or "pass text or a dict"
    raise refuse(
        redacted(
            f"{path:.200} is a {type(value).__name__} ({shown(value)}), which JSON cannot say: {cure}",
            f"{field_of(path)} is a {type(value).__name__}, which JSON cannot say: {cure}",
        )
    )


def _converted(value: object, path: str, refuse: Refuse) -> Any:
    match value:
        case Decimal():
            return _number(value, path, refuse)
        case datetime() if value.tzinfo is not None:
            return value.isoformat()
        case datetime():
            raise refuse(
                redacted(
                    f"{path} is {value!r}, a datetime without a time zone: add one, or return text",
                    f"{field_of(path)} is a datetime without a time zone: add one, or return text",
                )
            )
        case _:
            return _refused(value, path, refuse)


def _number(value: Decimal, path: str, refuse: Refuse) -> int | float:
    if value.is_finite():
        if value == value.to_integral_value():
            return int(value)
        if Decimal(repr(float(value))) == value:
            return float(value)
    raise refuse(
        redacted(
            f"{path} is {value!r}, which a JSON number does not keep exactly: return it as text",
            f"{field_of(path)} is what a JSON number does not keep exactly: return it as text",
        )
    )


def _key(key: object, path: str, refuse: Refuse) -> str:
    if isinstance(key, str):
        return str.__str__(key)
    raise refuse(refusal(f"{path:.200}", key, "JSON keys are text; pass str(...)", seen="has the key"))


def _cure(value: object, before: str) -> str:
    if hasattr(value, "__dataclass_fields__"):
        return f"{before}pass dataclasses.asdict(...)"
    found = (CURES[base.__name__] for base in type(value).__mro__ if base.__name__ in CURES)
    cure = next(found, "")
    return f"{before}{cure}" if cure else ""
