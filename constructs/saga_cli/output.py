"""Printing: JSON for machines, everything else for people."""

import json
from typing import Any

import typer


def print_json(value: Any) -> None:
    """One JSON document on stdout, readable and always in the same order."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
