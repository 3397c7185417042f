"""Numbers on their way through AWS: JSONata's and, as nothing better is promised, EventBridge's are JavaScript doubles.

JSONata's reference implementation, which Step Functions follows (version 2.0.6: AWS Step Functions, "Transforming data
with JSONata"), is JavaScript, whose only number is the IEEE 754 double; ``JSON.stringify`` writes the shortest digits
that are the same double, and no exponent below 1e21 (ECMA-262, "Number::toString"). EventBridge promises integers of
64 bits (``PutEvents``, API reference) and nothing about others. No run on AWS has shown either.
"""

import json
from decimal import Decimal
from typing import Any, Final, cast

EXPONENT_FROM: Final = 1e21


def passed_on(value: Any) -> Any:
    """A JSON value as it comes out, its numbers as JavaScript has and writes them."""
    match value:
        case bool():
            return value
        case int() | float():
            return _number(value)
        case dict():
            return {name: passed_on(item) for name, item in cast(dict[str, Any], value).items()}
        case list():
            return [passed_on(item) for item in cast(list[Any], value)]
        case _:
            return value


def passed_on_text(text: str) -> str:
    """The same for JSON text."""
    return json.dumps(passed_on(json.loads(text)), ensure_ascii=False)


def _number(number: float) -> int | float:
    double = float(number)
    if double.is_integer() and abs(double) < EXPONENT_FROM:
        return int(Decimal(repr(double)))
    return double
