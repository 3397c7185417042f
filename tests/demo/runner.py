"""Runs every case in both styles: those that wait in real time beside each other, the quick ones in turn."""

from collections.abc import Callable, Sequence
from threading import Thread

from demo.cases import Case
from demo.choreographed import Choreographed
from demo.deployment import Deployed
from demo.example import Example
from demo.ledger_view import Books
from demo.orchestrated import Orchestrated
from demo.results import Result, judged
from demo.run import LOOK, Run
from emulator.waiting import wait_until
from saga_runtime.services import Services

Scenario = tuple[Example, Case]


def run_all(scenarios: Sequence[Scenario], deployment: Deployed, tell: Callable[[Run, str], None]) -> list[Result]:
    """Run each case in each style, and judge when nothing moves any more.

    Args:
        scenarios: what to run.
        deployment: where.
        tell: told what happens, as it happens, from several threads.
    """
    books, services = Books(deployment), Services(client=deployment.client)
    examples = {example.name: example for example, _ in scenarios}
    styles = {
        name: (Orchestrated(deployment, example), Choreographed(deployment, example))
        for name, example in examples.items()
    }
    runs = [
        Run(example, case, style, services, books, tell, deployment.beginning)
        for example, case in scenarios
        for style in styles[example.name]
    ]
    _prepare(runs, deployment, books)
    _execute(runs)
    for style in (style for both in styles.values() for style in both):
        what = f"quiet of {style.target.name} in the {style.target.style} style"
        wait_until(style.is_quiet, what=what, interval=LOOK)
    results = [judged(run, books) for run in runs]
    for style in (style for both in styles.values() for style in both):
        style.close()
    return results


def _prepare(runs: Sequence[Run], deployment: Deployed, books: Books) -> None:
    """Fill the shelves, and let everything go wrong that shall."""
    for run in runs:
        books.stock(run.example, run.key, run.case.stock)
    faults = [run.case.fault(saga=saga_id) for run in runs if run.case.fault for saga_id in run.sagas]
    provider_modes = [mode(match=run.key) for run in runs for mode in run.case.provider_modes]
    deployment.arrange(provider_modes, faults)


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
