"""`python -m emulator up | down | status | deploy`: keep a local AWS running and deploy to it."""

import argparse
import shlex
import sys
from collections.abc import Sequence

from emulator import background, cdk
from emulator.errors import EmulatorError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 0, or 1 with the reason on stderr."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except EmulatorError as error:
        print(error, file=sys.stderr)
        return 1


def _up(options: argparse.Namespace) -> int:
    emulator = background.up(port=options.port, wait_scale=options.wait_scale, redelivery=options.redelivery)
    print(f"# The local AWS runs at {emulator.endpoint}, its log is {emulator.log_path}.")
    print("unset AWS_PROFILE AWS_SESSION_TOKEN")
    for name, value in emulator.environment().items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def _down(_: argparse.Namespace) -> int:
    print("The local AWS has ended." if background.down() else "No local AWS was running.")
    return 0


def _status(_: argparse.Namespace) -> int:
    emulator = background.attach()
    print(f"The local AWS runs at {emulator.endpoint}, its log is {emulator.log_path}.")
    return 0


def _deploy(options: argparse.Namespace) -> int:
    emulator = background.attach()
    cdk.bootstrap(emulator)
    for stack, outputs in cdk.deploy(emulator, *options.stacks, app=options.app, context=dict(options.context)).items():
        print(stack)
        for name, value in outputs.items():
            if not name.startswith("ExportsOutput"):  # made by the CDK for other stacks
                print(f"  {name} = {value}")
    return 0


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m emulator", description="The local AWS of this project.")
    commands = parser.add_subparsers(required=True, metavar="command")

    up = commands.add_parser("up", help="start it, and print the variables that lead the AWS tools to it")
    up.add_argument("--port", type=int, default=background.DEFAULT_PORT, help="on the loopback address (%(default)s)")
    up.add_argument("--wait-scale", type=float, default=1.0, help="factor on Step Functions' waits (%(default)s)")
    up.add_argument("--redelivery", type=float, help="seconds until a failed call's messages come again, at the latest")
    up.set_defaults(run=_up)

    commands.add_parser("down", help="end it").set_defaults(run=_down)
    commands.add_parser("status", help="say where it runs; status 1 if it does not").set_defaults(run=_status)

    deploy = commands.add_parser("deploy", help="deploy stacks, after a bootstrap if needed, and print their outputs")
    deploy.add_argument("stacks", nargs="*", default=["local/*"], help="patterns of stacks (local/*)")
    deploy.add_argument("--app", help="a folder with a synthesized assembly, or a command")
    deploy.add_argument("--context", "-c", action="append", default=[], type=_pair, help="a context value, NAME=VALUE")
    deploy.set_defaults(run=_deploy)
    return parser


if __name__ == "__main__":
    sys.exit(main())
