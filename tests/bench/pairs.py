"""Timing on a machine that has other things to do: everybody once a round, so that a slow moment hits all of them."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]


def in_turn(contestants: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Let each contestant run once a round; returns what each gave, one sample a round.

    Args:
        contestants: each returns what it took.
        rounds: how often; an odd number of at least three makes the median shrug off a first, cold, run.
    """
    samples: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, run in contestants.items():
            samples[name].append(run())
    return samples


def child(program: str, *arguments: object, variables: Mapping[str, str] | None = None) -> Any:
    """Run a program of `bench.children` and return what its last line says, which is JSON.

    Raises:
        RuntimeError: it failed; the text shows the end of what it printed.
    """
    command = [sys.executable, "-m", f"bench.children.{program}", *map(str, arguments)]
    return told(command, {"PYTHONPATH": f"{ROOT / 'tests'}{os.pathsep}{ROOT}", **(variables or {})})


def told(command: Sequence[str], variables: Mapping[str, str]) -> Any:
    """Run a command; its last line is JSON.

    Raises:
        RuntimeError: it failed; the text shows the end of what it printed.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        environment |= {"TMPDIR": scratch, **variables}
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(
            f"{' '.join(command)} ended with {done.returncode}: {done.stdout[-500:]}{done.stderr[-2000:]}"
        )
    return json.loads(done.stdout.splitlines()[-1])
