"""The whole proof: what it found is kept in the manual, and a part of its rarer searches is made here."""

import pytest

from simulation import deaths, figures
from simulation.interleavings.prove import Searched
from simulation.search import STYLES, Scenario

LEDGER = Searched(cases=2, states=3000, edges=4000, seconds=5.4, holds=True)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("given", [{"broken": ["a.action"]}, {"rejected": ["b"], "broken": ["a.compensation"]}])
def test_the_relay_may_die_at_every_delivery_of_a_message(style: str, given: dict[str, list[str]]) -> None:
    runs = 0
    for died in deaths.dying(Scenario("TX", style, given, attempts=0)):
        runs += 1
        if died.finding:
            pytest.fail(str(died.finding), pytrace=False)
    assert runs > 5


def test_the_page_has_a_place_for_the_figures_and_keeps_the_rest() -> None:
    page = figures.PAGE.read_text(encoding="utf-8")
    written = figures.put(page, figures.table([("one", "128", "7,472", "18")], LEDGER))
    assert "| `one` | 128 | 7,472 | 18 |" in written
    assert "| `ledger` | 2 | 3,000 | 4,000 | 5 |" in written
    assert figures.put(written, "new") == figures.put(page, "new")


def test_a_page_without_its_markers_is_refused_with_the_cure() -> None:
    with pytest.raises(ValueError, match="has lost its markers: put <!-- figures"):
        figures.put("no markers", "new")
