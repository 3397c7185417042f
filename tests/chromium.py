"""The real browser of the tests: the Chromium that npm ships, with the shared libraries and the font it needs along.

Its package has a binary for Linux on x86-64 alone; elsewhere it is the machine's Chrome. ``CHROMIUM`` names another.
"""

import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from playwright.sync_api import Browser, sync_playwright

ROOT: Final = Path(__file__).parents[1]
NODE: Final = str(Path(sys.executable).with_name("node"))
PLACE: Final = ROOT / "node_modules" / ".chromium"
UNPACK: Final = 'import chromium from "@sparticuz/chromium"; await chromium.executablePath();'
FONTS: Final = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{0}/fonts</dir><cachedir>{0}/fonts-cache</cachedir></fontconfig>
"""


@contextmanager
def chromium() -> Generator[Browser]:
    """A running browser, without a window."""
    # Playwright brings a Node of its own, which needs a library that a bare machine lacks; ours does not.
    with patch.dict(os.environ, {"PLAYWRIGHT_NODEJS_PATH": NODE}), sync_playwright() as playwright:
        browser = playwright.chromium.launch(**_which())
        yield browser
        browser.close()


def _which() -> dict[str, Any]:
    if named := os.environ.get("CHROMIUM"):
        return {"executable_path": named}
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return {"channel": "chrome"}
    if not PLACE.exists():
        _unpack()
    # One font for all, so that a page is as wide on every machine.
    own = {"LD_LIBRARY_PATH": f"{PLACE}/al2023/lib", "FONTCONFIG_FILE": f"{PLACE}/fonts.conf"}
    return {"executable_path": PLACE / "chromium", "env": {**os.environ, **own}}


def _unpack() -> None:
    """Into another folder first: one that is there is whole."""
    draft = tempfile.mkdtemp(prefix=".chromium-", dir=PLACE.parent)
    # The package unpacks itself to where temporary files go, its libraries only where it takes itself to be in Lambda.
    own = {"TMPDIR": draft, "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs24.x"}
    subprocess.run([NODE, "--input-type=module", "--eval", UNPACK], cwd=ROOT, env={**os.environ, **own}, check=True)
    Path(draft, "fonts.conf").write_text(FONTS.format(PLACE), encoding="utf-8")
    Path(draft).rename(PLACE)
