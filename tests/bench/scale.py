"""`docs/at-scale.md`: its tables, from what the bench counted and AWS's quotas; the prose is written by hand."""

import re
from collections.abc import Iterator
from typing import Any, Final

from bench import drawing, quotas

PAGE: Final = drawing.FOLDER.parent / "at-scale.md"
MARK: Final = re.compile(r"(<!-- bench: (\w+) -->\n).*?(<!-- /bench -->)", re.DOTALL)
Json = dict[str, Any]
Row = tuple[str, float, float]
"""A quota, what it is a second, and what a saga takes of it."""


def page() -> str:
    """The page with its tables made anew."""
    tables = {"quotas": _quotas, "prices": _prices, "outage": _outage}
    text = PAGE.read_text(encoding="utf-8")
    return MARK.sub(lambda found: "\n".join([found[1].rstrip(), *tables[found[2]](), found[3]]), text)


def _counts(style: str) -> Json:
    found = drawing.kept("requests")
    if not found:
        raise LookupError("the bench has kept no requests.json: run make bench ONLY=requests")
    return found["facts"]["per_saga"][style]


def _demands() -> dict[str, list[Row]]:
    """Of each style, the quotas it meets."""
    orchestrated, choreographed = _counts("orchestrated"), _counts("choreographed")

    def common(counts: Json) -> list[Row]:
        return [
            ("functions at the same time", quotas.CONCURRENCY, counts["invocations"] * quotas.STEP_SECONDS),
            ("write units of the ledger", quotas.TABLE_UNITS, counts["ledger_units"]),
            (
                "write units of the busiest part of the index",
                quotas.PARTITION_UNITS,
                counts["running_units"] / quotas.INDEX_SHARDS,
            ),
        ]

    return {
        "orchestrated": [
            ("Standard executions started", quotas.STARTS, 1),
            ("state transitions", quotas.TRANSITIONS, orchestrated["transitions"]),
            *common(orchestrated),
        ],
        "orchestrated, if it were Express": [
            ("Express executions started", quotas.EXPRESS_STARTS, 1),
            *common(orchestrated),
        ],
        "choreographed": [
            ("`PutEvents` requests", quotas.PUT_EVENTS, choreographed["events"]),
            ("targets of rules invoked", quotas.TARGETS, choreographed["messages"]),
            *common(choreographed),
        ],
    }


def _quotas() -> Iterator[str]:
    yield "| style | quota | default | at 10,000 sagas a second | times the default | binds at sagas a second |"
    yield "| --- | --- | --: | --: | --: | --: |"
    for style, rows in _demands().items():
        for name, quota, taken in sorted(rows, key=lambda row: row[1] / row[2]):
            wanted = quotas.RATE * taken
            cells = (f"{quota:,}", f"{wanted:,.0f}", f"{wanted / quota:.1f}", f"{quota / taken:,.0f}")
            yield f"| {style} | {name} | {' | '.join(cells)} |"


def _prices() -> Iterator[str]:
    yield "| a million sagas of three steps | orchestrated | if it were Express | choreographed |"
    yield "| --- | --: | --: | --: |"
    orchestrated, choreographed = _counts("orchestrated"), _counts("choreographed")
    machine = quotas.TRANSITION_PRICE * orchestrated["transitions"]
    duration = quotas.EXPRESS_GB_SECOND * 1e6 * 0.0625 * quotas.STEP_SECONDS * orchestrated["invocations"]
    messages = quotas.MESSAGE_PRICE * quotas.MESSAGE_REQUESTS * choreographed["messages"]
    rows = {
        "Step Functions": (machine, quotas.EXPRESS_PRICE + duration, 0.0),
        "EventBridge": (*(quotas.EVENT_PRICE * one["events"] for one in (orchestrated, orchestrated, choreographed)),),
        "SQS": (0.0, 0.0, messages),
        "Lambda": tuple(_lambda(counts) for counts in (orchestrated, orchestrated, choreographed)),
        "ledger and its indexes": tuple(_ledger(counts) for counts in (orchestrated, orchestrated, choreographed)),
    }
    for name, row in rows.items():
        yield f"| {name} | {' | '.join(f'${dollars:.2f}' for dollars in row)} |"
    totals = (sum(row[i] for row in rows.values()) for i in range(3))
    yield f"| **in all** | {' | '.join(f'**${dollars:.2f}**' for dollars in totals)} |"


def _lambda(counts: Json) -> float:
    return counts["invocations"] * (quotas.INVOCATION_PRICE + 1e6 * quotas.GB_SECOND * quotas.GB_SECONDS)


def _ledger(counts: Json) -> float:
    return quotas.UNIT_PRICE * (counts["ledger_units"] + counts["index_units"])


def _outage() -> Iterator[str]:
    found = drawing.kept("outage")
    if not found:
        raise LookupError("the bench has kept no outage.json: run make bench ONLY=outage")
    yield "| an hour's outage | of | |"
    yield "| --- | --- | --: |"
    for line in found["lines"]:
        yield f"| {line['what']} | {line['unit']} | {line['ours']:,g} |"
