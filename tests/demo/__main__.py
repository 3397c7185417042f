"""`python -m demo`: deploy, run every case in both styles, show what became of it, and end."""

import shutil
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from demo.deployment import deployed
from demo.examples import SCENARIOS
from demo.report import Report
from demo.runner import run_all
from emulator.errors import EmulatorError


def main() -> int:
    """Run the demo; returns the exit status: 0, or 1 when anything is not as it should be."""
    report = Report(Console())
    logs = Path(tempfile.mkdtemp(prefix="saga-demo-"))
    well = False
    try:
        well = _is_well(report, logs)
    except (EmulatorError, TimeoutError) as error:
        report.say(str(error))
    except KeyboardInterrupt:
        report.say("Interrupted.")
    finally:
        if well:
            shutil.rmtree(logs, ignore_errors=True)
        else:
            report.say(f"The logs are in {logs}")
    return 0 if well else 1


def _is_well(report: Report, logs: Path) -> bool:
    with deployed(logs, report.say) as deployment:
        results = run_all(SCENARIOS, deployment, report.tell)
    report.effects(results)
    report.endings(results)
    return report.problems(results) == 0


if __name__ == "__main__":
    sys.exit(main())
