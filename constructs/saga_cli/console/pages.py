"""HTML from templates. Whatever comes from a saga is untrusted, so everything is escaped unless a template says not."""

import json
from collections.abc import Iterable
from typing import Any, Final, cast

from jinja2 import Environment, PackageLoader, StrictUndefined

from cdk_saga import Saga
from saga_cli.console.icons import icon
from saga_cli.console.picture import definition_of, is_drawn, lit
from saga_cli.console.timeline import duration, timeline
from saga_runtime.client import Status, Target
from saga_runtime.client.times import iso, moment

PACKAGE: Final = "saga_cli.console"


def _environment() -> Environment:
    loader = PackageLoader(PACKAGE)
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    filters = cast(dict[str, Any], made.filters)
    filters.update({"pretty": _pretty, "duration": duration, "utc": _utc, "iso": _iso, "sign": icon})
    return made


def page(template: str, **values: Any) -> str:
    """A template with its values."""
    return _PAGES.get_template(template).render(**values)


def saga_page(target: Target, status: Status, definitions: Iterable[Saga], now: float, **further: Any) -> str:
    """One saga: in a browser, with what can be done; without ``further`` as a file that needs nothing else.

    Args:
        target: where it is deployed.
        status: the saga's.
        definitions: those that pictures can be drawn of.
        now: seconds since the epoch.
        further: ``root``, where all pages are; ``here``, the address of its page; ``given``, the order just given.
    """
    saga = definition_of(status, definitions)
    return page(
        "saga.html",
        status=status,
        line=timeline(status, now),
        now=now,
        runs=status.ended is None and status.state != "STUCK",
        picture=lit(saga, status) if saga else None,
        other_version=bool(saga) and not is_drawn(saga, target, status.version),
        **{"root": "", "here": "", "given": "", **further},
    )


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _utc(seconds: float) -> str:
    return moment(seconds).replace("T", " ").replace("Z", " UTC")


def _iso(seconds: float) -> str:
    return iso({"time": float(seconds)})["time"]


_PAGES: Final = _environment()
