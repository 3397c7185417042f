"""What became of a run, what should have, and whether both styles agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from demo.books import Books, Effects
from demo.cases import COMPENSATED, COMPLETED, Case
from demo.run import Run

MESSAGES = {COMPLETED: "your trip is booked", COMPENSATED: "the booking could not be completed"}


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of a case in one style.

    Attributes:
        case: which case.
        style: which style.
        endings: of its sagas, in alphabetical order.
        effects: what they left behind.
        refusals: how often something was refused.
        count: transitions or messages, as `counted` says.
        counted: what `count` counts.
        seconds: until the end.
        problems: where that is not as the case has it; empty if all is well.
    """

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
    endings, effects = books.endings(target.name, run.key), books.effects(target.name, run.key)
    count, refusals = run.style.count(run.key), run.refusals
    compared = (
        ("endings", tuple(sorted(case.ends)), endings),
        ("effects", expected_effects(case), effects),
        ("refusals", case.refusals, refusals),
        (run.style.counted, count if run.expected_count is None else run.expected_count, count),
    )
    wrong = [f"{what}: {found} instead of {wanted}" for what, wanted, found in compared if wanted != found]
    return Result(
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


def expected_effects(case: Case) -> Effects:
    """Every effect once for a completed saga, none for a compensated one, and a message for each."""
    completed = case.ends.count(COMPLETED)
    return Effects(
        seats=case.seats - completed,
        rooms=case.rooms - completed,
        flights=completed,
        hotels=completed,
        transfers=completed,
        told=tuple(sorted(MESSAGES[ending] for ending in case.ends)),
    )


def by_case(results: Sequence[Result]) -> list[list[Result]]:
    """The results of each case, in the order of the cases."""
    return [list(group) for _, group in groupby(results, key=lambda result: result.case.name)]


def agree(results: Sequence[Result]) -> bool:
    """Whether the styles came to the same ending and left the same behind."""
    return len({result.business for result in results}) == 1
