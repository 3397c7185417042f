"""What is deployed: one saga in both styles, whose definition and participant's code differ between deployments."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from aws_cdk import App

from cdk_saga import Saga, Step
from cdk_saga.aws import ChoreographedSaga, OrchestratedSaga
from toy_handlers import Toys, step

STACK: Final = "Rollout"
HANDLERS: Final = Path(__file__).parent / "toy"
APPROVAL: Final = Step("approve", participant="toy", action="ask", compensation="undo", callback_timeout=180)
"""Choreographed, the message that asked is its timer: it stays in the queue until this time is over."""
EARLIER: Final = Saga("parcel", [step("take"), APPROVAL, step("pack"), step("weigh"), step("send")])
LATER: Final = Saga("parcel", [step("take"), APPROVAL, step("send"), step("weigh"), step("thank")])
"""It has lost `pack`, gained `thank`, and sends before it weighs."""
STYLES: Final = ("orchestrated", "choreographed")


@dataclass(frozen=True, kw_only=True)
class Release:
    """One deployment.

    Args:
        what: what it changes, for the report.
        saga: the definition that sagas start with.
        previous: the definitions that stay deployed for sagas in flight.
        code: which release of the participant's code.
        drops: the definition that it drops, which has to be drained before.
    """

    what: str
    saga: Saga
    previous: Sequence[Saga] = ()
    code: str
    drops: Saga | None = None


RELEASES: Final = (
    Release(what="the first", saga=EARLIER, code="1"),
    Release(what="a new definition, the earlier one kept", saga=LATER, previous=[EARLIER], code="1"),
    Release(what="changed code of the participant", saga=LATER, previous=[EARLIER], code="2"),
    Release(what="a rollback of definition and code, the later one kept", saga=EARLIER, previous=[LATER], code="1"),
    Release(what="the later definition dropped, once drained", saga=EARLIER, code="1", drops=LATER),
)


def named(saga: Saga, style: str) -> Saga:
    """The definition under the name that it has in a style, as there is one bus."""
    return replace(saga, name=f"{saga.name}-{style}")


def synthesize(folder: Path, release: Release) -> Path:
    """Write the assembly of a release into ``folder``; returns where."""
    package = shutil.copytree(HANDLERS, folder / "code" / "toy", ignore=shutil.ignore_patterns("__pycache__"))
    (package / "release.py").write_text(f'RELEASE = "{release.code}"\n', encoding="utf-8")
    toy_handlers = Toys(STACK, package, scope=App(outdir=str(folder / "assembly")))
    for style in (OrchestratedSaga, ChoreographedSaga):
        previous = [named(saga, style.style) for saga in release.previous]
        saga = named(release.saga, style.style)
        style(toy_handlers.stack, style.style.title(), saga=saga, previous_versions=previous, **toy_handlers.needs)
    toy_handlers.synth()
    return folder / "assembly"
