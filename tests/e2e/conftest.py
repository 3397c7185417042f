"""One deployment for all end-to-end tests: the demo's."""

from collections.abc import Iterator
from typing import cast

import pytest

from demo.deployment import Deployment, deployed
from demo.results import Result
from demo.runner import Scenario, run_all
from local.control import Control


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The app's local environment on the local AWS."""
    with deployed(tmp_path_factory.mktemp("e2e"), print) as deployment:
        yield deployment


@pytest.fixture(scope="session")
def results(request: pytest.FixtureRequest, deployment: Deployment) -> dict[tuple[str, ...], Result]:
    """What became of each case in each style. All cases that tests ask for have run together, each once."""
    tests = [item for item in request.session.items if isinstance(item, pytest.Function)]
    asked = [cast(Scenario, test.callspec.params["scenario"]) for test in tests if "results" in test.fixturenames]
    scenarios = list({(example.name, case.name): (example, case) for example, case in asked}.values())
    found = run_all(scenarios, deployment, lambda run, text: print(run.key, text))  # noqa: T201 # pytest shows it on failure
    return {(result.example.name, result.case.name, result.style): result for result in found}


@pytest.fixture
def control(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Iterator[Control]:
    """What `make up` starts beside the local AWS."""
    control = Control(deployment)
    monkeypatch.setenv("CDK_SAGA_LOCAL", control.url)
    yield control
    control.stop()
