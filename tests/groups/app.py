"""A CDK app with sagas of groups in both styles: in the middle, and as the whole saga."""

from dataclasses import replace
from pathlib import Path

from cdk_saga import Saga, Together
from cdk_saga.aws import ChoreographedSaga, OrchestratedSaga
from toys import Toys, step

GROUP = Together("both", step("b"), [step("c"), step("d")])
SAGAS = (Saga("middle", [step("a"), GROUP, step("e")]), Saga("whole", [GROUP]))

toys = Toys("Groups", Path(__file__).parent / "toy")
for saga in SAGAS:
    for style in (OrchestratedSaga, ChoreographedSaga):
        named = replace(saga, name=f"{saga.name}-{style.STYLE}")
        style(toys.stack, named.name, saga=named, **toys.needs)
toys.synth()
