"""The index that lists sagas has sixteen parts; no starter can choose ids that all belong to one."""

import hashlib
from itertools import count, islice

from saga_runtime.ledger import SagaKey, Sagas, Store
from shop import payload
from world import World


def chosen(number: int) -> list[str]:
    """Ids whose hashes begin alike."""
    ids = (f"t-{n}" for n in count())
    return [*islice((id for id in ids if hashlib.sha256(id.encode()).hexdigest()[0] == "0"), number)]


def test_chosen_ids_make_no_part_of_the_index_hot(world: World) -> None:
    ids = chosen(40)
    for id in ids:
        world.call(payload("charge", first=True, saga_id=id))
    views = {world.item("META", id)["view"] for id in ids}
    assert len(views) > 8
    assert {view.rpartition("#")[0] for view in views} == {"order#RUNNING"}


def test_an_ended_saga_is_in_a_part_of_its_ending(world: World) -> None:
    for id in (ids := chosen(5)):
        Sagas(Store(world.services)).abort(SagaKey("order", id), [])
    views = [world.item("META", id)["view"].split("#") for id in ids]
    assert {(name, state) for name, state, _ in views} == {("order", "COMPENSATED")}
    assert all(part in "0123456789abcdef" for _, _, part in views)


def test_a_saga_that_claims_its_first_step_again_stays_in_its_part(world: World) -> None:
    """To move it would be two further writes of the index, for nothing."""
    world.shop.raises = RuntimeError("no answer")
    seen: set[str] = set()
    for _ in range(12):
        try:
            world.call(payload("charge", first=True))
        except RuntimeError:
            seen.add(world.item("META")["view"])
    assert len(seen) == 1
