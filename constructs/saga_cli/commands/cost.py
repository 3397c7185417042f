"""``cdk-saga cost``."""

from dataclasses import asdict
from typing import Annotated

import typer

from cdk_saga.cost import AS_OF, REGION, Assumptions, Comparison, Usage, compare
from cdk_saga.plan import compile_saga
from saga_cli.definitions import load
from saga_cli.options import AsJson, DefinitionPath
from saga_cli.output import print_json, say

Memory = Annotated[int, typer.Option(min=128, max=10_240, help="MiB of each function.")]
Milliseconds = Annotated[int, typer.Option(min=1, max=900_000, help="How long an invocation takes.")]
OwnWrites = Annotated[int, typer.Option(min=0, max=98, help="Items that a task writes besides the ledger's.")]
Batch = Annotated[int, typer.Option(min=1, max=10, help="Messages that an invocation takes from a queue.")]


def cost(
    definition: DefinitionPath,
    *,
    memory_size: Memory = 256,
    milliseconds: Milliseconds = 100,
    own_writes: OwnWrites = 1,
    batch: Batch = 1,
    as_json: AsJson = False,
) -> None:
    """Price a saga in both styles, whichever way it goes: dollars a million sagas."""
    saga = load(definition)
    given = Assumptions(memory_size=memory_size, milliseconds=milliseconds, own_writes=own_writes, batch=batch)
    comparison = compare(compile_saga(saga), given)
    if as_json:
        print_json(_document(saga.name, given, comparison))
    else:
        say("\n".join([*_table(saga.name, comparison), "", *_words(comparison)]))


def _table(saga: str, comparison: Comparison) -> list[str]:
    width = max(len(line.course) for line in comparison.lines)
    head = f"{'$ a million sagas':<{max(width, 17)}}  {'ending':<11}  {'orchestrated':>12}  {'choreographed':>13}"
    rows = [
        f"{line.course:<{max(width, 17)}}  {line.ending:<11}  "
        f"{line.orchestrated.total:>12,.2f}  {line.choreographed.total:>13,.2f}"
        for line in comparison.lines
    ]
    return [f"{saga}: what it costs", head, "-" * len(head), *rows]


def _words(comparison: Comparison) -> list[str]:
    happy = comparison.lines[0]
    saved = abs(happy.orchestrated.total - happy.choreographed.total)
    polled = f"A choreographed saga's idle queues are polled for ${comparison.idle:,.2f} a month"
    paid = "" if comparison.crossover is None else f", which {comparison.crossover:,.0f} sagas a month pay for"
    return [
        f"When all goes well, {comparison.cheaper} is cheaper by ${saved:,.2f} a million.",
        f"{polled}{paid}.",
        f"List prices of {AS_OF} in {REGION}; logs, metrics, keys, tracing and reads left out.",
    ]


def _document(saga: str, given: Assumptions, comparison: Comparison) -> dict[str, object]:
    return {
        "saga": saga,
        "prices": {"as_of": str(AS_OF), "region": REGION},
        "assumptions": asdict(given),
        "courses": [
            {
                "course": line.course,
                "ending": line.ending.value,
                "orchestrated": _priced(line.orchestrated),
                "choreographed": _priced(line.choreographed),
            }
            for line in comparison.lines
        ],
        "cheaper": comparison.cheaper,
        "idle_a_month": comparison.idle,
        "crossover_a_month": comparison.crossover,
    }


def _priced(usage: Usage) -> dict[str, object]:
    return {"usage": asdict(usage), "dollars_a_million": {**usage.dollars, "total": usage.total}}
