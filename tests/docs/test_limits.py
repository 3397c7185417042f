"""``docs/limits.md`` shows the limits that the code knows."""

from pathlib import Path

from cdk_saga.limits import AS_OF, LIMITS, Limit

PAGE = (Path(__file__).parents[2] / "docs" / "limits.md").read_text()


def number(limit: Limit) -> str:
    return f"{limit.most:,} {limit.unit}{', raised on request' if limit.raised else ''}"


def table() -> str:
    rows = [f"| [{limit.what}]({limit.source}) | {number(limit)} | {limit.held} |" for limit in LIMITS]
    return "\n".join(["| limit of AWS | most | what keeps a saga within it |", "| --- | --- | --- |", *rows])


def test_the_page_shows_every_limit() -> None:
    assert table() in PAGE


def test_the_page_says_how_old_the_numbers_are() -> None:
    assert f"read on {AS_OF}" in PAGE
