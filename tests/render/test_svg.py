"""The pictures that stand on their own: what is drawn, where, and for whom."""

import re
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_saga import NOTHING_TO_UNDO, Parallel, Saga, Step
from cdk_saga.definition.saga import ON_COMPENSATION_FAILURE
from cdk_saga.plan import Plan, compile_saga
from cdk_saga.render import mermaid, svg
from cdk_saga.render.pictures.reactions import reactions
from render.pictures import SVG, boxes, overlap, parsed, words
from sagas import TRIP, saga, step

GLYPH = 8.6
"""Pixels of a bold letter, as the widest of the fonts draws it on average."""
STYLES = ("orchestrated", "choreographed")
TOUR = compile_saga(
    Saga(
        "tour",
        [
            step("flight"),
            Parallel("stay", [step("hotel"), step("breakfast", undo=False)], step("car")),
            Step("ticket", participant="tickets", action="issue", compensation="void", pivot=True),
            Step("mail", participant="mails", action="send", compensation=NOTHING_TO_UNDO),
        ],
    )
)
PLANS = (compile_saga(TRIP), TOUR)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Sagas of any shape."""
    names = iter([f"step{i}" + "x" * draw(st.integers(0, 50)) for i in range(12)])
    parts: list[Step | Parallel] = []
    for i in range(draw(st.integers(1, 4))):
        if draw(st.booleans()):
            lengths = draw(st.lists(st.integers(1, 2), min_size=2, max_size=2))
            branches = [[step(next(names), undo=draw(st.booleans())) for _ in range(length)] for length in lengths]
            parts.append(Parallel(f"group{i}", *branches))
        else:
            parts.append(step(next(names), undo=draw(st.booleans())))
        if len(parts) == 3:  # so that there are always names left
            break
    return compile_saga(Saga("any", parts, on_compensation_failure=draw(st.sampled_from(ON_COMPENSATION_FAILURE))))


@given(plans())
def test_every_task_has_a_place_of_its_own_and_a_compensation_is_beneath_its_action(plan: Plan) -> None:
    places = boxes(svg(plan))
    assert set(places) == {f"{task.id.step}.{task.id.operation}" for task in plan.tasks}
    assert not [pair for pair in combinations(places.values(), 2) if overlap(*pair)]
    for name, (left, top, *_) in places.items():
        there = places[name.replace(".compensation", ".action")]
        assert left == there[0]
        assert top >= there[1]


@given(plans(), st.sampled_from(STYLES))
def test_everything_is_inside_the_picture(plan: Plan, style: str) -> None:
    drawn = parsed(svg(plan, style=style))
    width, height = float(drawn.attrib["width"]), float(drawn.attrib["height"])
    for left, top, right, bottom in boxes(svg(plan, style=style)).values():
        assert 0 < left < right < width
        assert 0 < top < bottom < height


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("plan", PLANS)
def test_a_picture_needs_nothing_but_itself_and_follows_the_readers_light(plan: Plan, style: str) -> None:
    text = svg(plan, style=style)
    assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"@import|<image|<script|href|url\((?!#)", text)
    assert "prefers-color-scheme:dark" in text
    colours = re.findall(r"--(\w+):#", text)
    assert sorted(colours) == sorted(2 * list(dict.fromkeys(colours))), "each colour has its like in the dark"


@pytest.mark.parametrize("style", STYLES)
def test_a_picture_tells_itself_in_words(style: str) -> None:
    drawn = parsed(svg(TOUR, style=style))
    title, told = drawn.find(f"{SVG}title"), drawn.find(f"{SVG}desc")
    assert title is not None
    assert told is not None
    assert drawn.attrib["aria-labelledby"].split() == [title.attrib["id"], told.attrib["id"]]
    assert "tour" in "".join(title.itertext())
    said = "".join(told.itertext())
    assert {"orchestrated": "flight, rejected: COMPENSATED.", "choreographed": "saga.started: flights"}[style] in said


def test_endings_differ_in_shape_and_sign_and_name() -> None:
    endings = [group for group in parsed(svg(TOUR)).iter(f"{SVG}g") if group.attrib.get("class", "").startswith("end")]
    shapes = {tuple(child.tag for child in group) for group in endings}
    signs = {path.attrib["d"].split("m", 1)[1] for group in endings for path in group.iter(f"{SVG}path")}
    assert len(endings) == len(shapes) == len(signs) == 3
    assert {"COMPLETED", "COMPENSATED", "STUCK"} <= set(words(svg(TOUR)))


def test_pivot_groups_and_nothing_to_undo_are_said() -> None:
    shown = words(svg(TOUR))
    assert {"point of no return", "stay: together", "undo stay", "nothing to undo", "attempts used up"} <= set(shown)
    assert shown.count("nothing to undo") == 1, "nobody asks what a step after the pivot leaves to undo"
    assert "point of no return" not in words(svg(PLANS[0]))


def test_a_compensation_that_goes_on_says_so_and_runs_back_all_the_same() -> None:
    halting, going_on = (
        svg(compile_saga(replace(TRIP, on_compensation_failure=word))) for word in ON_COMPENSATION_FAILURE
    )
    assert "attempts used up" in words(halting)
    assert "attempts used up: goes on, and is STUCK at the end" in words(going_on)
    assert halting.count('class="way-back"') == going_on.count('class="way-back"')
    assert "compensated or stuck" not in words(going_on)


def test_what_cannot_happen_is_not_drawn() -> None:
    alone = words(svg(compile_saga(saga("a", nothing_to_undo=("a",)))))
    assert "COMPENSATED" in alone
    assert not {"STUCK", "attempts used up"} & set(alone)


@given(plans())
def test_whoever_reacts_reacts_to_what_somebody_tells(plan: Plan) -> None:
    told = {told.event for reaction in reactions(plan) for told in reaction.publishes}
    # A group's failure is told by its members, so that nobody has to tell it for the group.
    heard = {event for reaction in reactions(plan) for event in reaction.events if not event.startswith("group")}
    assert heard - told == {"saga.started"}
    assert {"saga.completed", "saga.compensated"} <= told


def test_the_choreographed_view_shows_event_queue_participant_and_event() -> None:
    lines = mermaid(TOUR, style="choreographed").splitlines()
    assert "    event-flight.succeeded --> queue-do-hotel" in lines
    assert "    queue-do-hotel --> do-hotel" in lines
    assert "    do-breakfast -->|all of stay| event-stay.succeeded" in lines
    assert "    do-flight -.->|recovery| event-flight.unknown" in lines
    shown = words(svg(TOUR, style="choreographed"))
    assert {"saga.started", "hotel.action", "hotels", "book_hotel", "hotel.succeeded", "saga.stuck"} <= set(shown)


def test_only_recovery_tells_what_nobody_at_work_can() -> None:
    by_recovery = {told.event for reaction in reactions(TOUR) for told in reaction.publishes if told.by_recovery}
    assert {event.split(".")[1] for event in by_recovery} == {"unknown", "stuck"}


@pytest.mark.parametrize("plan", [*PLANS, compile_saga(Saga("tiny", [step("a")]))], ids=lambda plan: plan.saga)
@pytest.mark.parametrize("style", STYLES)
def test_an_endings_sign_stands_clear_of_its_words(plan: Plan, style: str) -> None:
    endings = [one for one in parsed(svg(plan, style=style)).iter(f"{SVG}g") if "ending" in one.get("class", "")]
    assert endings
    for ending in endings:
        sign, words_ = ending.findall(f"{SVG}path")[-1], ending.find(f"{SVG}text")
        assert words_ is not None
        at = float(re.findall(r"M([\d.]+)", sign.attrib["d"])[0])
        assert float(words_.attrib["x"]) - len(words_.text or "") * GLYPH / 2 > at + 7
