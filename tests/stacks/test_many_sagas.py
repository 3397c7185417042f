"""Many sagas in one app: what AWS would refuse at deployment is divided, or refused at synth."""

from dataclasses import replace
from typing import Any

import pytest
from aws_cdk import Environment, Stack

from cdk_saga import Saga
from cdk_saga.aws import FunctionSettings, Ledger, OrchestratedSaga, SagaBus, SagaDashboard, WiringError
from cdk_saga.limits import ALARMS_SHOWN, METRICS_OF_A_DASHBOARD, METRICS_SHOWN, SEARCH
from parts import function
from sagas import saga
from templates import Json, new_app, only, readable

MANY = 26
PLACE = Environment(account="111111111111", region="ap-southeast-2")


@pytest.fixture(scope="module")
def body() -> Json:
    """The dashboard of many sagas."""
    app = new_app()
    state = Stack(app, "State", env=PLACE)
    needs: dict[str, Any] = {"ledger": Ledger(state, "Ledger"), "bus": SagaBus(state, "Bus")}
    # Each saga has a function of its own; what one that many share needs: test_shared_participant.py.
    flights = [function(state, f"Flights{n}") for n in range(MANY)]
    sagas = [
        OrchestratedSaga(
            Stack(app, f"Saga{n}", env=PLACE), "Saga", saga=named(n), participants={"flights": flights[n]}, **needs
        )
        for n in range(MANY)
    ]
    SagaDashboard(Stack(app, "Sagas", env=PLACE), "Sagas", sagas=sagas, ledger=needs["ledger"], functions=flights)
    template = app.synth().get_stack_by_name("Sagas").template
    return readable(only(template, "AWS::CloudWatch::Dashboard"))["DashboardBody"]


def named(number: int) -> Saga:
    """A saga whose name is as long as many are."""
    return replace(saga("flight"), name=f"customer-order-with-a-long-name-{number:02}")


def test_no_widget_shows_more_alarms_than_it_may(body: Json) -> None:
    shown = [widget["properties"]["alarms"] for widget in body["widgets"] if widget["type"] == "alarm"]
    assert max(map(len, shown)) <= ALARMS_SHOWN.most
    assert sum(map(len, shown)) > MANY * 4 > ALARMS_SHOWN.most


def test_no_search_is_longer_than_it_may_be_and_none_of_the_sagas_is_missing(body: Json) -> None:
    widgets = [widget for widget in body["widgets"] if "SEARCH" in str(widget)]
    assert len(widgets) == 4
    for widget in widgets:
        searches = [metric[0]["expression"] for metric in widget["properties"]["metrics"]]
        assert max(map(len, searches)) <= SEARCH.most < len("".join(searches))
        assert {f'saga="{named(n).name}"' in "".join(searches) for n in range(MANY)} == {True}


def test_widgets_of_one_place_do_not_overlap(body: Json) -> None:
    places = [(widget["x"], widget["y"]) for widget in body["widgets"]]
    assert len(places) == len(set(places))


def dashboard(functions: int, sagas: int = 0) -> Json:
    """The dashboard of one saga, shown several times, and many functions."""
    app = new_app()
    stack = Stack(app, "Stack")
    ledger, flights = Ledger(stack, "Ledger"), function(stack, "Flights")
    one = OrchestratedSaga(
        stack,
        "Saga",
        saga=saga("flight"),
        participants={"flights": flights},
        ledger=ledger,
        bus=SagaBus(stack, "Bus"),
        settings=FunctionSettings(),
    )
    SagaDashboard(stack, "Sagas", sagas=[one] * sagas, ledger=ledger, functions=[flights] * functions)
    template = app.synth().get_stack_by_name("Stack").template
    return readable(only(template, "AWS::CloudWatch::Dashboard"))["DashboardBody"]


def test_no_graph_shows_more_metrics_than_it_may() -> None:
    shown = [len(widget["properties"].get("metrics", ())) for widget in dashboard(METRICS_SHOWN.most + 1)["widgets"]]
    assert max(shown) == METRICS_SHOWN.most


def test_a_dashboard_of_more_metrics_than_it_may_have_is_refused() -> None:
    number = METRICS_OF_A_DASHBOARD.most // 3 + 1
    with pytest.raises(WiringError, match=r"metrics of a dashboard of 2,\d+ metrics, the limit is 2,500; it shows"):
        dashboard(number)
