"""Sagas that several tests use."""

from cdk_saga import NOTHING_TO_UNDO, Saga, Step


def step(name: str, *, undo: bool = True) -> Step:
    """A step ``name`` of participant ``<name>s``, with or without something to undo."""
    compensation = f"cancel_{name}" if undo else NOTHING_TO_UNDO
    return Step(name, participant=f"{name}s", action=f"book_{name}", compensation=compensation)


def saga(*names: str, nothing_to_undo: tuple[str, ...] = ()) -> Saga:
    """A saga ``trip`` with a step for each name."""
    return Saga("trip", [step(name, undo=name not in nothing_to_undo) for name in names])


TRIP = saga("flight", "hotel", "transfer")
