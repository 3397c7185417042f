"""HTML as a tree, for tests that look at pages the way a browser does."""

from collections.abc import Iterator
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

VOID = frozenset(("br", "hr", "img", "input", "link", "meta"))


class Page(HTMLParser):
    """A page; a tag that is not closed, or closes another, is an error."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = ET.Element("page")
        self._open = [self.root]
        self.feed(text)
        self.close()
        assert self._open == [self.root], f"never closed: {[one.tag for one in self._open[1:]]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self._open.append(self._open[-1][-1])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        ET.SubElement(self._open[-1], tag, {name: value or "" for name, value in attrs})

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        at = self._open[-1]
        if len(at):
            at[-1].tail = (at[-1].tail or "") + data
        else:
            at.text = (at.text or "") + data

    def all(self, tag: str, **attributes: str) -> Iterator[ET.Element]:
        """Elements with these attributes; ``_`` is written for ``-``, and a last one is left away."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return (one for one in self.root.iter(tag) if wanted.items() <= one.attrib.items())

    def one(self, tag: str, **attributes: str) -> ET.Element:
        (found,) = self.all(tag, **attributes)
        return found

    def texts(self, tag: str, **attributes: str) -> list[str]:
        return [words(one) for one in self.all(tag, **attributes)]


def words(element: ET.Element) -> str:
    """The text in an element, with single spaces."""
    return " ".join("".join(element.itertext()).split())
