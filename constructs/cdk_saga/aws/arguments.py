"""What a saga's construct may be given: each property is checked before anything is built."""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from aws_cdk import Duration
from aws_cdk import aws_stepfunctions as sfn

from cdk_saga.aws.bundle import Bundle
from cdk_saga.aws.bus import ISagaBus
from cdk_saga.aws.function import FunctionSettings
from cdk_saga.aws.given import each, each_value, expect, has, is_a, none_or
from cdk_saga.aws.ledger import ILedger
from cdk_saga.definition import Saga

FUNCTION: Final = has("function_arn", "grant_invoke")


def _is_per_cent(value: object) -> bool:
    return is_a(int)(value) and 1 <= cast(int, value) <= 100  # noqa: PLR2004 # per cent


RULES: Final[Mapping[str, tuple[Callable[[object], bool], str]]] = {
    "saga": (is_a(Saga), "give a Saga, such as Saga('trip', steps)"),
    "participants": (
        each_value(FUNCTION),
        "give a dictionary, the function of each participant by its name: {'flights': function}",
    ),
    "ledger": (
        is_a(ILedger),
        "give a Ledger; one that another app has made is imported by Ledger.from_table_name(…)",
    ),
    "bus": (is_a(ISagaBus), "give a SagaBus; one that is there already is imported by SagaBus.from_event_bus_name(…)"),
    "previous_versions": (each(is_a(Saga)), "give a list of earlier definitions, such as [old]"),
    "timeouts": (
        none_or(each_value(is_a(Duration))),
        "give a dictionary of Durations, such as {'flights': Duration.seconds(15)}",
    ),
    "bundle": (none_or(is_a(Bundle)), "give a Bundle, such as Bundle.runtime()"),
    "settings": (is_a(FunctionSettings), "give FunctionSettings"),
    "recovery_options": (
        none_or(lambda value: isinstance(value, dict)),
        "give a dictionary of options of CDK's Function, such as {'vpc': vpc}",
    ),
    "execution_logs": (is_a(sfn.LogLevel), "give one of aws_stepfunctions.LogLevel"),
    "late_alarm_after": (none_or(is_a(Duration)), "give a Duration, such as Duration.hours(1)"),
    "compensated_alarm_percent": (_is_per_cent, "give per cent, a whole number from 1 to 100"),
    "encryption_key": (none_or(has("key_arn")), "give a key of aws_kms"),
    "alarm_actions": (
        each(has("bind")),
        "give a list of actions, such as [SnsAction(topic)]",
    ),
}
"""Property → whether a value fits, and what to give instead."""


def check_arguments(owner: str, given: Mapping[str, Any]) -> None:
    """Check the properties of a saga's construct.

    Raises:
        WiringError: names the first that does not fit, its value and the cure.
    """
    for name, value in given.items():
        fits, cure = RULES[name]
        expect(owner, name, value, fits, cure)
