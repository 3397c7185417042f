"""The whole proof: what it found is kept in the manual, and a part of its rarer searches is made here."""

import pytest

from simulation import dead_letter_search, deaths, figures
from simulation.search import STYLES, Scenario
from simulation.searches import some_pairs


@pytest.mark.long("a search of many runs")
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("given", [{"broken": ["a.action"]}, {"rejected": ["b"], "broken": ["a.compensation"]}])
def test_recovery_may_die_at_every_delivery_of_a_message(style: str, given: dict[str, list[str]]) -> None:
    runs = 0
    for died in deaths.dying(Scenario("TX", style, given, attempts=0)):
        runs += 1
        if died.finding:
            pytest.fail(str(died.finding), pytrace=False)
    assert runs >= 3


@pytest.mark.long("a search of many runs")
def test_dead_letters_that_are_redriven_in_vain_do_not_multiply() -> None:
    (scenario,) = dead_letter_search.scenarios(["TT"])
    found = [tried.finding for tried in dead_letter_search.search(scenario, every=10)]
    assert [finding for finding in found if finding] == []
    assert len(found) > 50


@pytest.mark.parametrize("style", STYLES)
def test_pairs_that_are_drawn_break_no_rule(style: str) -> None:
    scenario = Scenario("TX?", style, {"pending": ["b"], "answers": [["b", "reject", 50]]})
    pairs = [*some_pairs(scenario)]
    assert [tried.finding for tried in pairs if tried.finding] == []
    assert [tried.faults for tried in pairs] == [tried.faults for tried in some_pairs(scenario)]


def test_the_page_keeps_the_rest_and_the_figures_of_searches_that_were_not_made() -> None:
    page = figures.PAGE.read_text(encoding="utf-8")
    written = figures.put(page, {"one": (128, 7472, 18), "ledger": (2, 3000, 4000, 5)})
    assert "| `one` | 128 | 7,472 | 18 | 2" in written
    assert "| `ledger` | 2 | 3,000 | 4,000 | 5 | 2" in written
    assert {*written.splitlines()} >= {line for line in page.splitlines() if not line.startswith(("| `one", "| `ledg"))}
    assert figures.put(written, {}) == written


def test_a_page_without_its_markers_is_refused_with_the_cure() -> None:
    with pytest.raises(ValueError, match="has lost its markers: put <!-- figures"):
        figures.put("no markers", {})
