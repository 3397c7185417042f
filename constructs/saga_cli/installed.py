"""Where the distributions were installed from, so that an app that is begun here installs the same ones."""

import json
from importlib import metadata
from typing import Any


def requirement(name: str, extras: str) -> str:
    """A line of a requirements file for what is installed here as ``name``.

    What came by path is named by path and hash: the names are on no index, and an installer that is told a bare name
    asks one (https://packaging.python.org/en/latest/specifications/direct-url/ is where it notes what it did).
    """
    distribution = metadata.distribution(name)
    told = distribution.read_text("direct_url.json")
    if told is None:
        return f"{name}[{extras}]=={distribution.version}"
    origin: dict[str, Any] = json.loads(told)
    url, _, fragment = origin["url"].partition("#")
    digest = origin.get("archive_info", {}).get("hashes", {}).get("sha256")
    pinned = f"#sha256={digest}" if digest else f"#{fragment}" if fragment else ""
    return f"{name}[{extras}] @ {url}{pinned}"
