"""``cdk-saga``, and ``python -m saga_cli``."""

import sys


def run() -> None:
    """Run the command line, or say what it takes."""
    try:
        from saga_cli.main import app  # noqa: PLC0415 # typer is an extra, and may be missing
        from saga_cli.output import never_fail_at_a_character  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        sys.exit(f"cdk-saga: {missing}; the command line needs its extra: install the wheel as cdk-saga[cli]")
    never_fail_at_a_character()
    app()


if __name__ == "__main__":
    run()
