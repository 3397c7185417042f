"""`python -m soak [sagas] [--seed n] [--concurrency n]`: deploy, soak, check, write the figures down."""

import argparse
import sys
from pathlib import Path

from demo.deployment import Deployment
from emulator.paths import REPOSITORY
from soak import report
from soak.report_files import kept, say
from soak.run import Outcome, soak


def main() -> int:
    """Run the soak; returns the exit status: 0, or 1 when anything is not as it should be."""
    parser = argparse.ArgumentParser(prog="python -m soak", description=__doc__)
    parser.add_argument("sagas", nargs="?", type=int, default=2000, help="how many (2000)")
    parser.add_argument("--seed", type=int, default=1, help="of everything drawn (1)")
    parser.add_argument("--concurrency", type=int, default=40, help="sagas under way at the same time (40)")
    parser.add_argument("--page", type=Path, default=REPOSITORY / "docs" / "soak.md", help="where to write the figures")
    options = parser.parse_args()

    def work(deployment: Deployment) -> Outcome:
        return soak(deployment, options.sagas, options.seed, options.concurrency, say)

    return kept("soak", options.page, work, told=report.figures, paged=report.page)


if __name__ == "__main__":
    sys.exit(main())
