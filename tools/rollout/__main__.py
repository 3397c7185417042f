"""`python -m rollout [--seconds n] [--seed n]`: deploy under load again and again, judge, write the figures down."""

import argparse
import sys
from pathlib import Path

from emulator.paths import REPOSITORY
from rollout import report
from rollout.run import Outcome, rollout
from soak.report_files import kept_from, say


def main() -> int:
    """Run it; returns the exit status: 0, or 1 when anything is not as it should be."""
    parser = argparse.ArgumentParser(prog="python -m rollout", description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="between two starts in each style (1)")
    parser.add_argument("--seed", type=int, default=1, help="of everything drawn (1)")
    parser.add_argument("--page", type=Path, default=REPOSITORY / "docs" / "rollout.md", help="where the figures go")
    options = parser.parse_args()

    def work(folder: Path) -> Outcome:
        return rollout(folder, options.seconds, options.seed, say)

    return kept_from("rollout", options.page, work, told=report.figures, paged=report.page)


if __name__ == "__main__":
    sys.exit(main())
