"""A CDK app with sagas of groups in both styles: in the middle, and as the whole saga."""

from dataclasses import replace
from pathlib import Path

from cdk_saga import Parallel, Saga
from cdk_saga.aws import ChoreographedSaga, OrchestratedSaga
from toy_handlers import Toys, step

GROUP = Parallel("both", step("b"), [step("c"), step("d")])
SAGAS = (Saga("middle", [step("a"), GROUP, step("e")]), Saga("whole", [GROUP]))

toy_handlers = Toys("Groups", Path(__file__).parent / "toy")
for saga in SAGAS:
    for style in (OrchestratedSaga, ChoreographedSaga):
        named = replace(saga, name=f"{saga.name}-{style.style}")
        style(toy_handlers.stack, named.name, saga=named, **toy_handlers.needs)
toy_handlers.synth()
