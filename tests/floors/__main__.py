"""`python -m floors [lowest-direct] [highest] [--python 3.13]`: does an app work with what the metadata allows?

For each resolution of `uv pip install`, in a new environment: the wheels, an app made by `cdk-saga new`, its tests in
both styles, its templates, the command line and the console's pages. `lowest-direct` takes the lowest version of each
direct dependency, `highest` the newest there is; the network is asked for both.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Final

from wheels.__main__ import requirements

ROOT: Final = Path(__file__).parents[2]
UV: Final = Path(sys.executable).with_name("uv")
RESOLUTIONS: Final = ("lowest-direct", "highest")
PAGE: Final = """
import os
os.environ |= {"AWS_DEFAULT_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
os.environ |= {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_EC2_METADATA_DISABLED": "true"}
import httpx2 as httpx, asyncio
from saga_cli.console.app import Console
from saga_cli.console.session import Sight
console = Console(Sight())
async def asked():
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=console.app), base_url="http://127.0.0.1") as client:
        paths = ("/", f"{console.root}/live.js", f"{console.root}/nowhere")
        return [(await client.get(path)).status_code for path in paths]
assert asyncio.run(asked()) == [403, 200, 404]
"""
"""A stranger, a file and a page that is not there, asked for without AWS."""


def dependencies() -> list[str]:
    """What our metadata asks for, by name and range: to `uv` they would be indirect, being those of the wheels."""
    found: list[str] = []
    for project in ("constructs", "runtime"):
        told = tomllib.loads((ROOT / project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        found += [*told["dependencies"], *(one for extra in told["optional-dependencies"].values() for one in extra)]
    return [one for one in found if not one.startswith(("cdk-saga", "saga-runtime"))]


def call(*command: str | Path, cwd: Path = ROOT) -> str:
    """Run a command without this environment's own variables; what it printed is shown when it fails."""
    hidden = {"PYTHONPATH", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE"}
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def work(resolution: str, python: str, folder: Path) -> list[str]:
    """Try it; returns the versions that were installed."""
    wheels, fresh, app = folder / "wheels", folder / "fresh" / "bin" / "python", folder / "check-out"
    for project in ("constructs", "runtime"):
        call(UV, "build", "--quiet", "--wheel", "--no-build-isolation", "--out-dir", wheels, ROOT / project)
    (wheels / "requirements.txt").write_text(requirements(wheels) + "\n".join(dependencies()), encoding="utf-8")
    call(UV, "venv", "--quiet", "--python", python, folder / "fresh")
    wanted = ("--resolution", resolution, "--requirement", wheels / "requirements.txt")
    call(UV, "pip", "install", "--quiet", "--python", fresh, *wanted)
    installed = call(UV, "pip", "list", "--python", fresh, "--format", "freeze").split()
    call(fresh, "-m", "saga_cli", "new", "check-out", "--folder", app)
    call(fresh, "-m", "pytest", "-q", cwd=app)
    call(fresh, "app.py", cwd=app)
    for command in ("cost", "draw"):
        call(fresh, "-m", "saga_cli", command, "infrastructure.saga:saga", cwd=app)
    for module in sorted((ROOT / "constructs" / "saga_cli" / "commands").glob("[a-z]*.py")):
        call(fresh, "-m", "saga_cli", module.stem.replace("_", "-"), "--help", cwd=app)
    call(UV, "pip", "install", "--quiet", "--python", fresh, "httpx2")  # it asks the console; no dependency of ours
    call(fresh, "-c", PAGE, cwd=app)
    return installed


def main() -> None:
    """Try each resolution that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m floors", description=__doc__)
    parser.add_argument("resolutions", nargs="*", metavar="RESOLUTION", help=f"of {', '.join(RESOLUTIONS)}")
    parser.add_argument("--python", default=sys.executable, help="the interpreter, or its version")
    asked = parser.parse_args()
    for resolution in asked.resolutions or RESOLUTIONS:
        with tempfile.TemporaryDirectory(prefix="floors-") as folder:
            versions = work(resolution, asked.python, Path(folder))
        print(f"{resolution}: works with {' '.join(version for version in versions if 'file:' not in version)}")


if __name__ == "__main__":
    main()
