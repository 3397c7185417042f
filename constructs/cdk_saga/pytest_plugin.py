"""The fixture ``saga_check`` for pytest, which finds it by itself where cdk-saga is installed.

Nothing is imported until a test asks for it: ``cdk_saga.testing`` needs the extra of that name.
"""

import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from cdk_saga.testing.check import CheckReport

OPTION = "--saga-replay"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that runs one saga again."""
    parser.getgroup("cdk-saga").addoption(
        OPTION, metavar="SEED", default="", help="let saga_check run only the saga of this seed, and show it"
    )


@pytest.fixture
def saga_check(request: pytest.FixtureRequest) -> "Callable[..., CheckReport]":
    """:func:`cdk_saga.testing.check.check`, which fails the test when a handler breaks a rule."""
    from cdk_saga.testing.check import check  # noqa: PLC0415

    seed = request.config.getoption(OPTION)

    def checked(*args: Any, **kwargs: Any) -> "CheckReport":
        report = check(*args, **{"seed": seed, **kwargs})
        if not report.ok:
            again = f"pytest '{request.node.nodeid}' {OPTION} {report.findings[0].seed}"
            pytest.fail(f"{report}\n\nReplay the first: {again}", pytrace=False)
        if seed:
            capture: Any = request.config.pluginmanager.getplugin("capturemanager")
            with capture.global_and_fixture_disabled():
                sys.stdout.write(f"\n{report}\n")
        return report

    return checked
