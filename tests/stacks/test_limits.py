"""AWS's limits, where a saga is wired to its resources."""

import base64
import hashlib
import json
import zlib
from typing import Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk.assertions import Annotations, Match

from cdk_saga import Retry, Saga, Step
from cdk_saga.aws import ChoreographedSaga, FunctionSettings, OrchestratedSaga, WiringError
from cdk_saga.aws.recovery_environment import recovery_environment
from cdk_saga.limits import ENVIRONMENT, RULE_DESCRIPTION, RULES
from cdk_saga.plan import compile_saga
from parts import STYLES, Style, deploy, deployed
from saga_runtime.recovery import Recovery
from templates import new_app, of_type, only


def step(name: str, *, participant: str = "shop", retry: Retry = Retry()) -> Step:  # noqa: B008 # frozen
    action, compensation = f"do_{name}", f"undo_{name}"
    return Step(
        name,
        participant=participant,
        action=action,
        compensation=compensation,
        retry=retry,
        compensation_retry=retry,
    )


@pytest.mark.parametrize("style", STYLES)
def test_retries_that_outlast_the_ledger_are_refused(style: Style) -> None:
    """The first step's line would be gone before the saga's compensation comes to it, and its effect would stay."""
    saga = Saga(
        "slow", [step(f"s{n}", retry=Retry(max_attempts=14, interval=3600, max_delay=36_000)) for n in range(2)]
    )
    with pytest.raises(
        WiringError, match=r"saga 'slow': all its attempts and waits may take 19\.2 days, the limit is 16"
    ):
        deployed(style, saga=saga)


def test_recovery_is_told_a_short_saga_in_words_and_a_long_one_compressed(monkeypatch: pytest.MonkeyPatch) -> None:
    short, long = (compile_saga(Saga("s", [step(f"reserve-part-{n}") for n in range(count)])) for count in (3, 99))
    assert json.loads(recovery_environment(short)["SAGA_STEPS"]) == short.handlers
    variables = recovery_environment(long)
    assert json.loads(zlib.decompress(base64.b64decode(variables["SAGA_STEPS"]))) == long.handlers
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    recovery: Any = Recovery()
    assert recovery._contexts[long.version].steps == long.handlers  # noqa: SLF001 # what recovery understands


def test_a_saga_that_recovery_cannot_be_told_is_refused() -> None:
    names = [f"s{hashlib.sha256(str(n).encode()).hexdigest()[:60]}" for n in range(99)]
    with pytest.raises(
        WiringError, match=rf"recovery's variables: environment of a function of .* {ENVIRONMENT.most:,}"
    ):
        recovery_environment(compile_saga(Saga("odd", [step(name) for name in names])))


def test_a_bus_with_more_rules_than_the_quota_is_warned_about() -> None:
    stack = Stack(new_app(), "Stack")
    saga = deploy(stack, OrchestratedSaga)
    saga.bus.expect_rules(saga.saga, RULES.most)
    assert not Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("ManyRules"))
    saga.bus.expect_rules(saga.saga, 1)
    (found,) = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("ManyRules"))
    assert "the bus has 301 rules, the quota is 300" in str(found.entry.data)


@pytest.mark.parametrize(
    "wrong",
    [
        {"timeout": Duration.seconds(0)},
        {"timeout": Duration.seconds(901)},
        {"timeout": Duration.millis(1500)},
        {"timeout": 30},
        {"timeout": "30"},
        {"memory_size": 64},
        {"memory_size": 10_241},
        {"memory_size": 512.5},
        {"log_retention": 7},
        {"log_removal": "DESTROY"},
    ],
)
def test_a_function_that_lambda_would_not_make_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(WiringError, match=r"FunctionSettings\(\w+=.+\): (use whole seconds from|give )"):
        FunctionSettings(**wrong)


def test_the_longest_names_fit_into_descriptions() -> None:
    name = "n" * 64
    template = deployed(ChoreographedSaga, saga=Saga(name, [step(name, participant="p" * 64)]))
    rules = of_type(template, "AWS::Events::Rule").values()
    assert max(len(rule["Description"]) for rule in rules) <= RULE_DESCRIPTION.most
    assert len(only(template, "AWS::CloudWatch::Alarm", "Stuck")["AlarmDescription"]) <= 1_024
