"""`python -m outage [--seconds n] [--rounds n]`: deploy, take down, mend, help, check, write the figures down."""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from demo.deployment import deployed
from emulator.errors import EmulatorError
from emulator.paths import REPOSITORY
from outage import report
from outage.run import outage


def main() -> int:
    """Run one outage; returns the exit status: 0, or 1 when anything is not as it should be."""
    parser = argparse.ArgumentParser(prog="python -m outage", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3600, help="how long it lasts at least (3600)")
    parser.add_argument("--rounds", type=int, default=3, help="sagas of each kind and style started meanwhile (3)")
    parser.add_argument("--page", type=Path, default=REPOSITORY / "docs" / "outage.md", help="where the figures go")
    options = parser.parse_args()
    logs = Path(tempfile.mkdtemp(prefix="saga-outage-"))
    try:
        with deployed(logs, say, app="python -m soak.app") as deployment:
            outcome = outage(deployment, options.seconds, options.rounds, say)
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
