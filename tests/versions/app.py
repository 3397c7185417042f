"""A CDK app with one saga in both styles: ``app old``, then ``app both``, at last ``app new``.

The new version has lost ``pack``, gained ``thank``, and its ``send`` comes before ``weigh``.
"""

import sys
from dataclasses import replace
from pathlib import Path

from cdk_saga import Saga, Step
from cdk_saga.aws import ChoreographedSaga, OrchestratedSaga
from toy_handlers import Toys, step

HELD = Step("hold", participant="toy", action="ask", compensation="undo", callback_timeout=3600)
OLD = Saga("parcel", [step("take"), HELD, step("pack"), step("weigh"), step("send")])
NEW = Saga("parcel", [step("take"), HELD, step("send"), step("weigh"), step("thank")])
SAGA, PREVIOUS_VERSIONS = {"old": (OLD, []), "both": (NEW, [OLD]), "new": (NEW, [])}[sys.argv[1]]


def named(saga: Saga, style: str) -> Saga:
    """The saga under a name of its own, because there is one bus."""
    return replace(saga, name=f"{saga.name}-{style}")


toy_handlers = Toys("Versions", Path(__file__).parent / "toy")
for style in (OrchestratedSaga, ChoreographedSaga):
    previous_versions = [named(old, style.style) for old in PREVIOUS_VERSIONS]
    style(
        toy_handlers.stack,
        style.style.title(),
        saga=named(SAGA, style.style),
        previous_versions=previous_versions,
        **toy_handlers.needs,
    )
toy_handlers.synth()
