"""Printing: JSON for machines, everything else for people."""

import json
from typing import Any

import typer
from rich.console import Console


def print_json(value: Any) -> None:
    """One JSON document on stdout, readable and always in the same order."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def console() -> Console:
    """The terminal; colours only where there is one, and none with NO_COLOR."""
    return Console(highlight=False)
