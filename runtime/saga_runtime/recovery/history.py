"""Orchestrated: what an execution knew when it ended, which no command and no event says any more."""

import json
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from saga_runtime.services import Services

Json = dict[str, Any]
LATEST: Final = 200
"""Events; the retries of one state have three each, so that the last states entered are among them."""


def results_known(services: "Services", execution: str) -> Json:
    """The results that the last states of an execution were entered with, by step; none of one that is not there.

    ``GetExecutionHistory`` with ``reverseOrder`` gives "the latest events first"
    (docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html), and an event of a state that
    was entered has its input (API_StateEnteredEventDetails.html). In a group, each branch knows its own members.
    """
    states = services.states
    try:
        found = states.get_execution_history(executionArn=execution, reverseOrder=True, maxResults=LATEST)
    except states.exceptions.ExecutionDoesNotExist:
        return {}
    known: Json = {}
    for event in found["events"]:
        saga: object = json.loads(event.get("stateEnteredEventDetails", {}).get("input", "null"))
        results: object = cast(Json, saga).get("results") if isinstance(saga, dict) else None
        known = {**cast(Json, results), **known} if isinstance(results, dict) else known
    return known
