"""The check that no public linter makes: every state is reachable, every arrow leads somewhere, every path ends."""

from typing import Any

Json = dict[str, Any]


def checked(definition: Json) -> Json:
    """Return ``definition`` when its graph is sound.

    Raises:
        ValueError: naming each dangling arrow, unreachable state and dead end.
    """
    if faults := faults_of(definition):
        raise ValueError(f"the state machine is not sound: {'; '.join(faults)}")
    return definition


def faults_of(definition: Json) -> list[str]:
    """What is wrong with the graph of ``definition``, in words; empty when it is sound."""
    states: dict[str, Json] = definition["States"]
    inside = [fault for state in states.values() for branch in state.get("Branches", ()) for fault in faults_of(branch)]
    arrows = {name: _arrows(state) for name, state in states.items()}
    dangling = [f"{name} leads to {to}, which is no state" for name, tos in arrows.items() for to in tos - set(states)]
    if definition["StartAt"] not in states:
        dangling.append(f"StartAt is {definition['StartAt']}, which is no state")
    lost = [f"{name} is unreachable" for name in sorted(set(states) - _reachable(definition["StartAt"], arrows))]
    stops = [f"{name} neither ends nor goes on" for name, state in states.items() if not _leads_on(state)]
    return inside + dangling + lost + stops


def _arrows(state: Json) -> set[str]:
    return {part["Next"] for part in (state, *state.get("Catch", ())) if "Next" in part}


def _leads_on(state: Json) -> bool:
    return "Next" in state or state.get("End") is True or state["Type"] in ("Fail", "Succeed")


def _reachable(start: str, arrows: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    todo = {start}
    while todo:
        name = todo.pop()
        found.add(name)
        todo |= arrows.get(name, set()) - found
    return found
