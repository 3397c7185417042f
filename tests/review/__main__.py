"""``python -m review material FOLDER`` in two checkouts, then ``python -m review compare BASE HEAD``."""

import argparse
import sys
from pathlib import Path

from review.assemblies import stacks
from review.cdk import cdk
from review.changes import changes
from review.comment import LABEL, LONGEST, comment
from review.pictures import draw, drawn
from review.versions import forgotten


def material(folder: Path) -> None:
    """Synthesize every stack and draw every saga into ``folder``."""
    status, text = cdk("synth", "--quiet", "--output", folder.absolute() / "cdk.out")
    if status:
        raise SystemExit(text)
    draw(folder / "pictures")


def compare(base: Path, head: Path, *, output: Path | None, allowed: bool) -> int:
    """Write the comment; 1 when something would be lost that nobody agreed to."""
    found = list(changes(stacks(base / "cdk.out"), stacks(head / "cdk.out")))
    missed = forgotten(base / "cdk.out", head / "cdk.out")
    pictures, longest = (drawn(base / "pictures"), drawn(head / "pictures")), LONGEST if output else None
    text = comment(found, *pictures, allowed=allowed, forgotten=missed, longest=longest)
    if output:
        output.write_text(text)
    else:
        sys.stdout.write(text)
    lost = sum(len(change.losses) for change in found)
    if lost and not allowed:
        sys.stderr.write(f"{lost} stateful resources would be replaced or removed; the label {LABEL!r} agrees to it\n")
        return 1
    return 0


def main(arguments: list[str]) -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="review", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("material", help="synthesize and draw this checkout into FOLDER")
    one.add_argument("folder", type=Path)
    two = commands.add_parser("compare", help="say what differs between two such folders")
    two.add_argument("base", type=Path)
    two.add_argument("head", type=Path)
    two.add_argument(
        "--output",
        type=Path,
        help="the comment's file, no longer than GitHub takes it; to the terminal by default, all of it",
    )
    two.add_argument("--allowed", action="store_true", help="losses are agreed to")
    asked = parser.parse_args(arguments)
    if asked.command == "material":
        material(asked.folder)
        return 0
    return compare(asked.base, asked.head, output=asked.output, allowed=asked.allowed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
