"""The page's app, synthesized as the CDK CLI does it."""

import runpy
from pathlib import Path

runpy.run_path(str(Path("app.py").absolute()), run_name="__main__")
assert Path("cdk.out", "Trips.template.json").exists()
