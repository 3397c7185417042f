"""`python -m outage [--seconds n] [--rounds n]`: deploy, take down, mend, help, check, write the figures down."""

import argparse
import sys
from pathlib import Path

from demo.deployment import Deployment
from emulator.paths import REPOSITORY
from outage import report
from outage.run import Outcome, outage
from soak.report_files import kept, say


def main() -> int:
    """Run one outage; returns the exit status: 0, or 1 when anything is not as it should be."""
    parser = argparse.ArgumentParser(prog="python -m outage", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3600, help="how long it lasts at least (3600)")
    parser.add_argument("--rounds", type=int, default=3, help="sagas of each kind and style started meanwhile (3)")
    parser.add_argument("--page", type=Path, default=REPOSITORY / "docs" / "outage.md", help="where the figures go")
    options = parser.parse_args()

    def work(deployment: Deployment) -> Outcome:
        return outage(deployment, options.seconds, options.rounds, say)

    return kept("outage", options.page, work, told=report.figures, paged=report.page)


if __name__ == "__main__":
    sys.exit(main())
