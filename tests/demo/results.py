"""What became of a run, what should have, and whether both styles agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from demo.cases import COMPLETED, STUCK, Case, Order
from demo.example import Column, Example, Stock
from demo.ledger_view import Books, Effects
from demo.run import Run


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of a case in one style.

    Attributes:
        example: which saga.
        case: which case.
        style: which style.
        endings: of its sagas, in alphabetical order.
        effects: what they given up.
        refusals: how often something was refused.
        count: transitions or messages, as `counted` says.
        counted: what `count` counts.
        seconds: until the end.
        problems: where that is not as the case has it; empty if all is well.
    """

    example: Example
    case: Case
    style: str
    endings: tuple[str, ...]
    effects: Effects
    refusals: int
    count: int
    counted: str
    seconds: float
    problems: tuple[str, ...] = ()

    @property
    def business(self) -> tuple[object, ...]:
        """What has to be the same in both styles."""
        return self.endings, self.effects, self.refusals


def judged(run: Run, books: Books) -> Result:
    """What became of ``run``, compared with what its case expects."""
    case, target = run.case, run.style.target
    endings, effects = books.endings(target.name, run.key), books.effects(run.example, target.name, run.key)
    count, refusals = run.style.count(run.key), run.refusals
    # A function that a busy machine keeps past its time-out is called again; the exact count is held in simulations.
    least = max(count, run.expected_count or 0)
    compared = (
        ("endings", tuple(sorted(case.ends)), endings),
        ("effects", expected_effects(run.example, case), effects),
        ("refusals", case.refusals, refusals),
        (run.style.counted, least, count),
    )
    wrong = [f"{what}: {found} instead of {wanted}" for what, wanted, found in compared if wanted != found]
    return Result(
        example=run.example,
        case=case,
        style=target.style,
        endings=endings,
        effects=effects,
        refusals=refusals,
        count=count,
        counted=run.style.counted,
        seconds=run.seconds,
        problems=(*filter(None, [run.given_up]), *wrong),
    )


def expected_effects(example: Example, case: Case) -> Effects:
    """Every effect once for a completed saga, none for a compensated one, and a message for each."""
    skipped = [send.reason for send in case.sends if isinstance(send, Order) and send.skipped]
    return Effects(
        columns={heading: _expected(heading, column, case) for heading, column in example.columns.items()},
        told=tuple(sorted(example.told[ending] for ending in case.ends if ending != STUCK)),
        skipped=tuple(sorted(skipped)),
    )


def _expected(heading: str, column: Column, case: Case) -> tuple[int, ...]:
    completed, kept = case.ends.count(COMPLETED), case.keeps.get(heading, 0)
    if not isinstance(column, Stock):
        return (completed + kept,)
    stock = sum(case.stock.get(name, shelf.stock) for name, shelf in column.shelves.items())
    held = completed * sum(shelf.takes for shelf in column.shelves.values()) + kept
    return stock - held, held


def by_case(results: Sequence[Result]) -> list[list[Result]]:
    """The results of each case, in the order of the cases."""
    return [list(group) for _, group in groupby(results, key=lambda result: (result.example.name, result.case.name))]


def agree(results: Sequence[Result]) -> bool:
    """Whether the styles came to the same ending and left the same behind."""
    return all(result.business == results[0].business for result in results)
