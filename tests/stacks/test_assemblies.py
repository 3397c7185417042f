"""What ``cdk-saga check-deploy`` reads in a real synthesized app."""

from pathlib import Path

import pytest
from aws_cdk import App, Stack

from cdk_saga.aws import OrchestratedSaga
from parts import STYLES, Style, deploy, function
from saga_cli.assemblies import Planned, read
from sagas import TRIP, saga


@pytest.mark.parametrize("style", STYLES)
def test_the_versions_and_the_style_of_a_saga_are_read_from_its_template(style: Style, tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path))
    stack = Stack(app, "Trips", stack_name="dev-Trips")
    old = saga("hotel")
    deploy(
        stack,
        style,
        previous_versions=[old],
        participants={name: function(stack, name) for name in dict.fromkeys((*TRIP.participants, *old.participants))},
    )
    app.synth()
    kind = "orchestrated" if style is OrchestratedSaga else "choreographed"
    (planned,) = read(tmp_path).stacks["dev-Trips"]
    assert planned == Planned(stack="dev-Trips", name="trip", style=kind, versions=(TRIP.version, old.version))
