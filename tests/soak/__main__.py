"""`python -m soak [sagas] [--seed n] [--concurrency n]`: deploy, soak, check, write the figures down."""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from demo.deployment import deployed
from emulator.errors import EmulatorError
from emulator.paths import REPOSITORY
from soak import report
from soak.run import soak


def main() -> int:
    """Run the soak; returns the exit status: 0, or 1 when anything is not as it should be."""
    parser = argparse.ArgumentParser(prog="python -m soak", description=__doc__)
    parser.add_argument("sagas", nargs="?", type=int, default=2000, help="how many (2000)")
    parser.add_argument("--seed", type=int, default=1, help="of everything drawn (1)")
    parser.add_argument("--concurrency", type=int, default=40, help="sagas under way at the same time (40)")
    parser.add_argument("--page", type=Path, default=REPOSITORY / "docs" / "soak.md", help="where to write the figures")
    options = parser.parse_args()
    logs = Path(tempfile.mkdtemp(prefix="saga-soak-"))
    try:
        with deployed(logs, say, app="python -m soak.app") as deployment:
            outcome = soak(deployment, options.sagas, options.seed, options.concurrency, say)
    except (EmulatorError, TimeoutError) as error:
        say(f"{error}\nThe logs are in {logs}")
        return 1
    say(report.figures(outcome))
    if outcome.wrong:
        for line in outcome.stories:
            say(line)
        say(f"{len(outcome.wrong)} things are not as they should be. The logs are in {logs}")
        return 1
    shutil.rmtree(logs, ignore_errors=True)
    options.page.write_text(report.page(outcome), encoding="utf-8")
    return 0


def say(text: str) -> None:
    """Print at once."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
