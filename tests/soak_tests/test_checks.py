"""The checks of the soak find what is wrong; what is right passes them."""

from collections import defaultdict
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from demo.order import ORDER
from demo.trip import TRIP
from saga_runtime.ledger import SagaState
from soak.checks import check_all
from soak.event_recorder import Heard
from soak.inventory import TABLES, Inventory
from soak.plan import TROUBLES, Planned, group, plan, shelves
from soak.scene import Scene

DONE = ("trip", "soak-00000")
BACK = ("order-by-events", "soak-00001")


class World:
    """A trip that is completed and an operation that is undone, as they should be."""

    def __init__(self) -> None:
        self.sagas = [
            Planned(id=DONE[1], example=TRIP, style="orchestrated", given={}),
            Planned(id=BACK[1], example=ORDER, style="choreographed", given={}),
        ]
        self.heard: defaultdict[tuple[str, str], list[Heard]] = defaultdict(
            list, {DONE: [Heard("saga.completed")], BACK: [Heard("saga.compensated")]}
        )
        self.states: dict[tuple[str, str], SagaState] = {
            DONE: SagaState({"st": "COMPLETED"}, {step: {"st": "DONE"} for step in ("flight", "hotel", "transfer")}),
            BACK: SagaState(
                {"st": "COMPENSATED"},
                {
                    "payment": {"st": "UNDONE", "t1": 1, "u1": 9},
                    "stock": {"st": "UNDONE", "t1": 2, "u1": 8},
                    "shipping": {"st": "FAILED"},
                },
            ),
        }
        self.rows: dict[str, dict[str, Any]] = {table: {} for table in TABLES}
        for example in (TRIP, ORDER):
            for (table, key), (counted_in, there_is) in shelves(2, example).items():
                self.rows[table][key] = {counted_in: there_is}
        self.booked("Flights", "flight", "seats")
        self.booked("Hotels", "hotel", "rooms")
        self.rows["Messages"] = {
            f"MESSAGE#{DONE[0]}#{DONE[1]}": {"text": TRIP.told["COMPLETED"]},
            f"MESSAGE#{BACK[0]}#{BACK[1]}": {"text": ORDER.told["COMPENSATED"]},
        }
        self.orders = {"bookings": {"trip.soak-00000.transfer"}, "charges": set[str](), "notices": set[str]()}

    def booked(self, table: str, what: str, counted_in: str, saga: str = "trip.soak-00000", *, take: int = 1) -> None:
        name = f"{group(0)}{counted_in}"
        self.rows[table][f"BOOKING#{saga}.{what}"] = {what: name, counted_in: 1}
        self.rows[table][f"{what.upper()}#{name}"][counted_in] -= take

    def found(self) -> list[str]:
        scene = SimpleNamespace(sagas=self.sagas, planned=2, recorder=SimpleNamespace(heard=self.heard))
        inventory = Inventory(states=self.states, rows=self.rows, orders=self.orders)
        return [wrong.what for wrong in check_all(cast(Scene, scene), inventory)]


def lose_a_saga(world: World) -> None:
    del world.states[DONE]


def leave_a_saga_running(world: World) -> None:
    world.states[DONE].meta["st"] = "RUNNING"


def lose_an_effect(world: World) -> None:
    world.orders["bookings"].clear()


def leave_an_effect(world: World) -> None:
    world.orders["charges"].add("order-by-events.soak-00001.payment")


def leave_a_strangers_effect(world: World) -> None:
    world.orders["notices"].add("order.soak-00007.notice")


def undo_in_the_wrong_order(world: World) -> None:
    world.states[BACK].steps["stock"]["u1"] = 10


def leave_a_step_undone_half(world: World) -> None:
    world.states[BACK].steps["payment"]["st"] = "UNDOING"


def skip_a_step(world: World) -> None:
    del world.states[DONE].steps["hotel"]


def take_twice(world: World) -> None:
    world.booked("Flights", "flight", "seats", take=1)


def give_back_what_was_never_taken(world: World) -> None:
    world.rows["Hotels"][f"HOTEL#{group(0)}rooms"]["rooms"] += 1


def tell_the_customer_otherwise(world: World) -> None:
    world.rows["Messages"][f"MESSAGE#{BACK[0]}#{BACK[1]}"]["text"] = ORDER.told["COMPLETED"]


def tell_nobody(world: World) -> None:
    world.heard[DONE].clear()


def tell_two_endings(world: World) -> None:
    world.heard[BACK].append(Heard("saga.completed"))


def forget_what_was_skipped(world: World) -> None:
    world.states[BACK].steps["payment"]["skipped"] = "paid back in cash"


def skip_nothing(world: World) -> None:
    world.states[BACK].meta["st"] = "PARTIALLY_COMPENSATED"


def leave_it_stuck_for_no_reason(world: World) -> None:
    world.states[BACK].meta.update(st="COMPENSATING", stuck="payment")
    world.heard[BACK][:] = [Heard("saga.stuck")]
    del world.rows["Messages"][f"MESSAGE#{BACK[0]}#{BACK[1]}"]


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        (lose_a_saga, "is in no ending: never began"),
        (leave_a_saga_running, "is in no ending: RUNNING"),
        (lose_an_effect, "transfer is DONE, and its effect is not there"),
        (leave_an_effect, "payment is UNDONE, and its effect is there"),
        (leave_a_strangers_effect, "order.soak-00007.notice is nobody's"),
        (undo_in_the_wrong_order, "was done in the order"),
        (leave_a_step_undone_half, "COMPENSATED, and payment is UNDOING"),
        (skip_a_step, "COMPLETED, and hotel is missing"),
        (take_twice, f"FLIGHT#{group(0)}seats: 9 left and 1 held, of 11"),
        (give_back_what_was_never_taken, f"HOTEL#{group(0)}rooms: 11 left and 1 held, of 11"),
        (tell_the_customer_otherwise, "COMPENSATED, and the customer was told 'your order"),
        (tell_nobody, "COMPLETED, and the world heard []"),
        (tell_two_endings, "COMPENSATED, and the world heard ['saga.compensated', 'saga.completed']"),
        (forget_what_was_skipped, "COMPENSATED, and skipped was ['payment']"),
        (skip_nothing, "PARTIALLY_COMPENSATED, and skipped was nothing"),
        (leave_it_stuck_for_no_reason, "is stuck at ['payment'], although its cause was mended"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_wrong_is_found(harm: Callable[[World], None], found: str) -> None:
    world = World()
    assert world.found() == []
    harm(world)
    assert any(found in wrong for wrong in world.found()), world.found()


def test_what_was_skipped_is_right_when_the_ledger_says_so() -> None:
    world = World()
    forget_what_was_skipped(world)
    skip_nothing(world)
    leave_an_effect(world)
    assert world.found() == []


def test_a_soak_is_the_same_for_the_same_seed_and_plans_every_trouble() -> None:
    assert [(one.id, one.name, list(one.troubles), one.later) for one in plan(300, 7)] == [
        (one.id, one.name, list(one.troubles), one.later) for one in plan(300, 7)
    ]
    assert {name for one in plan(300, 7) for name in one.troubles} == set(TROUBLES)
    assert {one.name for one in plan(300, 7)} == {
        f"{name}{style}" for name in ("trip", "order", "business-trip") for style in ("", "-by-events")
    }
