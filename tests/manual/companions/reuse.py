"""The page's app, synthesized as the CDK CLI does it, and its website in front of a state machine and recovery."""

import json
import os
import runpy
from pathlib import Path
from typing import Any

import pytest
import website  # pyright: ignore[reportMissingImports] # the page's

runpy.run_path(str(Path("app.py").absolute()), run_name="__main__")
assert Path("cdk.out", "Trips.template.json").exists()


class Aws:
    """AWS, as far as starting and cancelling goes."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def start_execution(self, *, name: str, **_: Any) -> None:
        self.asked.append(f"start {name}")

    def invoke(self, *, Payload: bytes, **_: Any) -> dict[str, Any]:  # noqa: N803 # AWS's
        self.asked.append(f"{json.loads(Payload)['operation']} {json.loads(Payload)['id']}")
        return {"Payload": self}

    def read(self) -> str:
        return '{"status": "COMPENSATING", "refused": null}'


aws = Aws()
target = {"name": "trip", "version": "v1", "style": "orchestrated", "where": "machine", "recovery": "recovery"}
os.environ["TARGET"] = json.dumps(target)
with pytest.MonkeyPatch.context() as patch:
    for client in ("states", "functions"):
        patch.setattr(f"saga_runtime.services.Services.{client}", aws)
    for cancelled in (False, True):
        website.handler({"trip": "t-1", "customer": "Ada", "cancel": cancelled}, None)
assert aws.asked == ["start t-1", "cancel t-1"]
