"""``cdk-saga cost``."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cdk_saga import Saga
from cdk_saga.cost import AS_OF, REGION, Assumptions, Comparison, Usage
from saga_cli.definitions import load
from saga_cli.errors import BadRequest
from saga_cli.idle import Idle, idle
from saga_cli.options import AsJson
from saga_cli.output import print_json, say

Definition = Annotated[
    str, typer.Argument(metavar="MODULE:SAGA", help="A definition: a module and the name in it, e.g. stacks.trip:trip.")
]
Memory = Annotated[int, typer.Option(min=128, max=10_240, help="MiB of each function.")]
Milliseconds = Annotated[int, typer.Option(min=1, max=900_000, help="How long an invocation takes.")]
OwnWrites = Annotated[int, typer.Option(min=0, max=98, help="Items that a task writes besides the ledger's.")]
External = Annotated[list[str] | None, typer.Option(metavar="STEP", help="A step whose effect is not in DynamoDB.")]
InputBytes = Annotated[int, typer.Option(min=0, max=200_000, help="Bytes of a saga's input.")]
IdleOf = Annotated[
    Path | None, typer.Option("--idle", metavar="CDK_OUT", help="Instead, what an app costs when no saga runs.")
]
OfStage = Annotated[str, typer.Option(help="With --idle: of this stage alone, e.g. prod.")]


def cost(
    definition: Definition = "",
    *,
    memory_size: Memory = 256,
    milliseconds: Milliseconds = 100,
    own_writes: OwnWrites = 1,
    external: External = None,
    input_bytes: InputBytes = 0,
    idle_of: IdleOf = None,
    stage: OfStage = "",
    as_json: AsJson = False,
) -> None:
    """Price a saga in both styles, whichever way it goes: dollars a million sagas, counted in simulated time."""
    if idle_of is not None:
        return _show_idle(idle(idle_of, stage), as_json=as_json)
    if not definition:
        raise BadRequest("which saga? Say MODULE:SAGA, e.g. stacks.trip:trip, or --idle CDK_OUT")
    saga = load(definition)
    given = Assumptions(
        memory_size=memory_size,
        milliseconds=milliseconds,
        own_writes=own_writes,
        external=_known(saga, external or ()),
        input_bytes=input_bytes,
    )
    from saga_cli.simulated import compare  # noqa: PLC0415 # the simulator is needed here alone

    comparison = compare(saga, given)
    if as_json:
        print_json(_document(saga.name, given, comparison))
    else:
        say("\n".join([*_table(saga.name, comparison), "", *_words(comparison)]))
    return None


def _known(saga: Saga, steps: Sequence[str]) -> frozenset[str]:
    names = [step.name for step in saga.all_steps]
    if unknown := [step for step in steps if step not in names]:
        raise BadRequest(f"--external {unknown[0]}: {saga.name!r} has no such step; it has {', '.join(names)}")
    return frozenset(steps)


def _show_idle(lines: Sequence[Idle], *, as_json: bool) -> None:
    if as_json:
        return print_json([line._asdict() for line in lines])
    rows = [f"{line.what:<34}  {line.number:>6}  {_range(line.least, line.most):>16}" for line in lines]
    total = _range(sum(line.least for line in lines), sum(line.most for line in lines))
    head = f"{'$ a month when no saga runs':<34}  {'number':>6}  {'dollars':>16}"
    return say("\n".join([head, "-" * len(head), *rows, f"{'in all':<34}  {'':>6}  {total:>16}"]))


def _range(least: float, most: float) -> str:
    return f"{least:,.2f}" if least == most else f"{least:,.2f} to {most:,.2f}"


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
    polled = f"A choreographed saga's empty queues are polled for ${_range(*comparison.idle)} a month"
    paid = ""
    if comparison.crossover:
        low, high = comparison.crossover
        paid = f", which {low:,.0f} to {high:,.0f} sagas a month pay for"
    return [
        f"When all goes well, {comparison.cheaper} is cheaper by ${saved:,.2f} a million.",
        f"{polled}{paid}.",
        f"List prices of {AS_OF} in {REGION}; custom metrics, keys, tracing, storage and reads left out.",
    ]


def _document(saga: str, given: Assumptions, comparison: Comparison) -> dict[str, object]:
    return {
        "saga": saga,
        "prices": {"as_of": str(AS_OF), "region": REGION},
        "assumptions": {**asdict(given), "external": sorted(given.external)},
        "courses": [
            {
                "course": line.course,
                "ending": line.ending,
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
