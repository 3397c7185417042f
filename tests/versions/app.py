"""A CDK app with one saga in both styles: ``app old``, then ``app both``, at last ``app new``.

The new version has lost ``pack``, gained ``thank``, and its ``send`` comes before ``weigh``.
"""

import sys
from dataclasses import replace
from pathlib import Path

from cdk_saga import Saga, Step
from cdk_saga.aws import ChoreographedSaga, OrchestratedSaga
from toys import Toys, step

HELD = Step("hold", participant="toy", action="ask", compensation="undo", waits=3600)
OLD = Saga("parcel", [step("take"), HELD, step("pack"), step("weigh"), step("send")])
NEW = Saga("parcel", [step("take"), HELD, step("send"), step("weigh"), step("thank")])
SAGA, DRAINING = {"old": (OLD, []), "both": (NEW, [OLD]), "new": (NEW, [])}[sys.argv[1]]


def named(saga: Saga, style: str) -> Saga:
    """The saga under a name of its own, because there is one bus."""
    return replace(saga, name=f"{saga.name}-{style}")


toys = Toys("Versions", Path(__file__).parent / "toy")
for style in (OrchestratedSaga, ChoreographedSaga):
    draining = [named(old, style.STYLE) for old in DRAINING]
    style(toys.stack, style.STYLE.title(), saga=named(SAGA, style.STYLE), draining=draining, **toys.needs)
toys.synth()
