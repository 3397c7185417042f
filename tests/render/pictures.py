"""What tests read out of an SVG."""

import xml.etree.ElementTree as ET  # our own text

SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 # our own text


def words(svg: str) -> list[str]:
    """Every line of text, as drawn."""
    return ["".join(element.itertext()) for element in parsed(svg).iter(f"{SVG}text")]


def boxes(svg: str) -> dict[str, tuple[float, float, float, float]]:
    """Left, top, right and bottom of each task, by ``<step>.<operation>``."""
    groups = [group for group in parsed(svg).iter(f"{SVG}g") if "data-task" in group.attrib]
    return {group.attrib["data-task"]: _edges(group.find(f"{SVG}rect")) for group in groups}


def _edges(rect: ET.Element | None) -> tuple[float, float, float, float]:
    assert rect is not None
    x, y, width, height = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
