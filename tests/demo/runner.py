"""Runs every case in both styles: those that wait in real time beside each other, the quick ones in turn."""

from collections.abc import Callable, Sequence
from threading import Thread

from demo.books import Books
from demo.cases import Case
from demo.choreographed import Choreographed
from demo.deployment import Deployment
from demo.orchestrated import Orchestrated
from demo.results import Result, judged
from demo.run import GIVEN_UP, LOOK, Run
from emulator.waiting import wait_until


def run_all(cases: Sequence[Case], deployment: Deployment, tell: Callable[[Run, str], None]) -> list[Result]:
    """Run each case in each style, and judge when nothing moves any more.

    Args:
        cases: what to run.
        deployment: where.
        tell: told what happens, as it happens, from several threads.
    """
    books = Books(deployment)
    styles = (Orchestrated(deployment), Choreographed(deployment))
    runs = [Run(case, style, books, tell) for case in cases for style in styles]
    _prepare(runs, deployment, books)
    _execute(runs)
    for style in styles:
        wait_until(style.is_quiet, what=f"quiet in the {style.target.style} style", timeout=GIVEN_UP, interval=LOOK)
    return [judged(run, books) for run in runs]


def _prepare(runs: Sequence[Run], deployment: Deployment, books: Books) -> None:
    """Put flights and hotels on sale, and let everything go wrong that shall."""
    for run in runs:
        books.stock(run.key, seats=run.case.seats, rooms=run.case.rooms)
        if run.case.mood:
            deployment.provider.behave(run.case.mood(match=run.key))
    faults = [run.case.fault(saga=saga_id) for run in runs if run.case.fault for saga_id in run.sagas]
    deployment.emulator.faults.set(faults)


def _execute(runs: Sequence[Run]) -> None:
    """Run each in turn, but do not wait for those that wait themselves."""
    # Daemons: an interrupted demo ends at once.
    beside = {id(run): Thread(target=run.execute, daemon=True) for run in runs if run.case.waits}
    for run in runs:
        if id(run) in beside:
            beside[id(run)].start()
        else:
            run.execute()
    for thread in beside.values():
        thread.join()
