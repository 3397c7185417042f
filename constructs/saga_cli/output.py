"""Everything that the command prints: nothing that a saga says reaches a terminal as a control sequence.

Inputs, results and reasons come from customers. An escape sequence in them would move the cursor, rename the window or
write to the clipboard of the operator who looks (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html), and bidi
controls would show text in another order than it has (https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing).
Such characters are printed as their codes.
"""

import json
import os
import re
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final

import typer
from rich.console import Console, RenderableType
from rich.text import Text

UNSAFE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters, C0 and C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # bidi controls, and others that are not seen
    "\xad\u200b\u2028\u2029\u2060-\u2065\ufeff\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)
"""Characters that change how a terminal shows others, and those that it does not show."""
LINES: Final = re.compile(f"[\n\t]|({UNSAFE.pattern})")
"""The same in a document of several lines, whose own breaks stay."""


def visible(text: str) -> str:
    """``text`` on one line, with the codes of characters that a terminal would act on."""
    return UNSAFE.sub(lambda found: _code(found[0]), text)


def cell(value: str, style: str = "") -> Text:
    """A value as ``rich`` prints it."""
    return Text(visible(value), style)


def say(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print text of one line or several."""
    typer.echo(LINES.sub(lambda found: _code(found[1]) if found[1] else found[0], text), err=err, nl=nl)


def print_json(value: Any) -> None:
    """One JSON document on stdout, readable and always in the same order; in ASCII, which every pipe can carry."""
    typer.echo(json.dumps(value, indent=2))


def show(view: RenderableType) -> None:
    """Print what is made of :func:`cell`."""
    console().print(view)


def console() -> Console:
    """The terminal; colours only where there is one, and none with NO_COLOR."""
    return Console(highlight=False, markup=False)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whatever the permissions of an earlier one."""
    with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        if os.name == "posix":
            os.fchmod(file.fileno(), 0o600)
        file.write(text)


def never_fail_at_a_character() -> None:
    """Print the code of a character that the terminal's or pipe's encoding lacks, e.g. cp1252 on Windows."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _code(character: str) -> str:
    return character.encode("unicode_escape").decode()
