"""What the README shows, by the text in it."""

import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def block(containing: str, language: str = "python") -> str:
    """The README's one code block with that text in it."""
    blocks = re.findall(rf"```{language}\n(.*?)```", README.read_text(), flags=re.DOTALL)
    (found,) = [text for text in blocks if containing in text]
    return found
