"""Checking one's own saga and one's own handlers: whatever goes wrong, they complete or leave nothing behind."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cdk_saga.definition import Saga
from cdk_saga.testing.check.report import CheckReport, Finding
from cdk_saga.testing.check.rules import Problem
from cdk_saga.testing.check.runner import Runner
from cdk_saga.testing.check.search import Search
from cdk_saga.testing.check.subject import STYLES, Checked, CheckError, Provider, Style, Subject, Table
from cdk_saga.testing.unsimulated import Unsimulated

Json = dict[str, Any]
MOST: int = 3_000
"""Sagas that a check runs unless told otherwise: some seconds."""

__all__ = ["MOST", "CheckError", "CheckReport", "Finding", "Problem", "Provider", "Table", "check"]


def check(
    saga: Saga,
    *,
    participants: Mapping[str, Checked],
    inputs: Sequence[Json],
    tables: Mapping[str, Table | Sequence[Mapping[str, Any]]] | None = None,
    providers: Mapping[str, Callable[[], Provider]] | None = None,
    environment: Mapping[str, Mapping[str, str]] | None = None,
    ignored: Sequence[str] = (),
    answers: Mapping[str, Json] | None = None,
    styles: Sequence[Style] = STYLES,
    most: int = MOST,
    seed: str = "",
) -> CheckReport:
    """Run a saga with the real handlers through whatever can go wrong, in simulated time, and compare what is left.

    Each step fails in each way; each action and compensation is called again, late, and out of order; each function
    crashes before and after each of its requests; customers cancel; another saga was there before; a step that waits
    is answered yes, no, twice, too late or never. A saga that
    completes has to leave what it leaves without faults, one that is compensated what was there before.

    Args:
        saga: the definition.
        participants: each ``saga_runtime.Participant``, by the name that the steps use.
        inputs: what sagas are started with. At least one has to complete; others may be rejected.
        tables: the participants' DynamoDB tables by name: their items, or a :class:`Table`.
        providers: makes stand-ins for what is not AWS's, by the dotted names under which the handlers find it, e.g.
            ``{"payments.client": FakePayments}``. See :class:`Provider`.
        environment: each participant's environment variables.
        ignored: what may differ, as patterns (``*`` for anything) of ``table/key`` or ``table/key/attribute``, e.g.
            ``["flights/AUDIT#*", "flights/*/booked_at"]``.
        answers: the result with which each step that returns ``Pending`` is completed.
        styles: the styles to check.
        most: how many sagas to run, about; evenly chosen when there are more.
        seed: runs only the saga that a report names.

    Raises:
        CheckError: something of that makes no sense, is too little to prove anything, or a handler asks for something
            that is not simulated.
    """
    subject = Subject(
        saga=saga,
        participants=participants,
        tables={name: one if isinstance(one, Table) else Table(one) for name, one in (tables or {}).items()},
        providers=providers or {},
        inputs=inputs,
        environment=environment or {},
        ignored=ignored,
        answers=answers or {},
    )
    with Runner(subject) as bench:
        search = Search(subject, styles, most, bench)
        try:
            return search.replay(seed) if seed else search.report()
        except Unsimulated as lack:
            raise CheckError(f"the check lacks what a handler asks for: {lack}") from lack
