"""Runs something on the local AWS, tells its figures, and keeps them on a page of the manual when nothing is wrong."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from demo.deployment import Deployment, deployed
from emulator.errors import EmulatorError
from soak.checks import Wrong


class Judged(Protocol):
    """What came of it."""

    @property
    def wrong(self) -> Sequence[Wrong]:
        """What is not as it should be."""
        ...

    @property
    def stories(self) -> Sequence[str]:
        """All about the sagas concerned."""
        ...


T = TypeVar("T", bound=Judged)


def kept(
    name: str, page: Path, work: Callable[[Deployment], T], *, told: Callable[[T], str], paged: Callable[[T], str]
) -> int:
    """Deploy the example, work, tell, keep; arguments as of :func:`kept_from`, but what work is given is deployed."""

    def deploy_and_work(logs: Path) -> T:
        with deployed(logs, say, app="python -m soak.app") as deployment:
            return work(deployment)

    return kept_from(name, page, deploy_and_work, told=told, paged=paged)


def kept_from(
    name: str, page: Path, work: Callable[[Path], T], *, told: Callable[[T], str], paged: Callable[[T], str]
) -> int:
    """Work, tell, keep.

    Args:
        name: of the folder of logs, which stays when anything is wrong.
        page: what is written when nothing is.
        work: what is done, given the folder.
        told: the figures.
        paged: the page.

    Returns:
        The exit status: 0, or 1 when anything is not as it should be.
    """
    logs = Path(tempfile.mkdtemp(prefix=f"saga-{name}-"))
    try:
        outcome = work(logs)
    except (EmulatorError, TimeoutError) as error:
        say(f"{error}\nThe logs are in {logs}")
        return 1
    say(told(outcome))
    if outcome.wrong:
        for line in outcome.stories:
            say(line)
        say(f"{len(outcome.wrong)} things are not as they should be. The logs are in {logs}")
        return 1
    shutil.rmtree(logs, ignore_errors=True)
    page.write_text(paged(outcome), encoding="utf-8")
    return 0


def say(text: str) -> None:
    """Print at once."""
    print(text, flush=True)
