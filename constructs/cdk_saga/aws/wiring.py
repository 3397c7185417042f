"""Which function carries out whose steps, checked before anything is built."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, cast, runtime_checkable

from aws_cdk import Duration, Token
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from cdk_saga.aws.errors import WiringError
from cdk_saga.definition import Saga
from cdk_saga.limits import LEDGER_KEPT, MESSAGE_KEPT

AnyFunction = lambda_.IFunction | lambda_.FunctionBase
"""A function, alias or import: CDK's classes implement ``IFunction`` but rename parameters, which pyright refuses."""
DAY: Final = 86_400
LAMBDA_DEFAULT: Final = 3
"""Seconds a function gets that asks for no time-out (AWS Lambda's default)."""


@runtime_checkable
class Timed(Protocol):
    """A function that says its time-out in seconds without being asked through jsii."""

    timeout_seconds: int


@dataclass(frozen=True, kw_only=True)
class Wired:
    """A participant of one saga.

    Args:
        name: as the saga's steps call it.
        function: what carries it out.
        timeout: of the function, in whole seconds.
    """

    name: str
    function: lambda_.IFunction
    timeout: int

    @functools.cached_property
    def arn(self) -> str:
        """The function's ARN, asked of jsii once."""
        return self.function.function_arn

    def role(self, what: str) -> iam.IRole:
        """The function's role, which needs to be allowed to do ``what``.

        Raises:
            WiringError: it is unknown, so nothing can be granted to it.
        """
        if self.function.role is None:
            raise WiringError(
                f"{self.name!r}: its function is imported without a role, which has to be allowed to {what}; "
                f"import it with Function.from_function_attributes(…, role=…)"
            )
        return self.function.role


def check_versions(sagas: Sequence[Saga]) -> None:
    """``sagas`` are versions of one definition, the newest first.

    Raises:
        WiringError: one has another name, or is there twice.
    """
    newest, *previous_versions = sagas
    for number, old in enumerate(previous_versions):
        if old.name != newest.name:
            raise WiringError(
                f"saga {newest.name!r}: previous_versions has saga {old.name!r}; "
                "only earlier definitions of the same name "
                f"belong there, deploy another saga by a construct of its own"
            )
        if old in [newest, *previous_versions[:number]]:
            raise WiringError(
                f"saga {newest.name!r}: previous_versions has version {old.version}, which is there already; "
                "leave it out"
            )


def wire(
    sagas: Sequence[Saga], participants: Mapping[str, AnyFunction], timeouts: Mapping[str, Duration]
) -> dict[str, Wired]:
    """Match the participants of a saga, in any of its versions, with their functions.

    Raises:
        WiringError: a participant has no function, a function no step, or its time-out cannot be read.
    """
    saga, names = sagas[0], list(dict.fromkeys(name for one in sagas for name in one.participants))
    for definition, step in [(one, step) for one in sagas for step in one.all_steps]:
        if step.participant not in participants:
            raise WiringError(
                f"saga {_called(definition, sagas)}, step {step.name!r}: no function for participant "
                f"{step.participant!r}; add it to participants, which has {sorted(participants)}"
            )
    for what, given in (("participants", participants), ("timeouts", timeouts)):
        if unknown := sorted(set(given) - set(names)):
            raise WiringError(
                f"saga {saga.name!r}: {what} has {unknown}, but its steps only know {sorted(names)}; "
                f"leave it out, or correct the name"
            )
    return {name: _wired(saga, name, participants[name], timeouts.get(name)) for name in names}


def _called(one: Saga, sagas: Sequence[Saga]) -> str:
    return repr(one.name) if one is sagas[0] else f"{one.name!r}, previous version {one.version}"


def check_lasting(saga: Saga, wired: Mapping[str, Wired]) -> None:
    """A saga must be through before the ledger forgets its first step, a dead letter's 14 days included.

    Raises:
        WiringError: all attempts of all steps, there and back, could take longer.
    """
    seconds = sum(
        sum(retry.longest_wait(n) for n in range(1, retry.max_attempts + 1))
        + (1 + retry.max_attempts) * wired[step.participant].timeout
        for step in saga.all_steps
        for retry in (step.retry, step.compensation_retry)
    ) + sum(step.callback_timeout or 0 for step in saga.all_steps)
    if (days := seconds / DAY) > LEDGER_KEPT - MESSAGE_KEPT.most:
        raise WiringError(
            f"saga {saga.name!r}: all its attempts and waits may take {days:.1f} days, the limit is "
            f"{LEDGER_KEPT - MESSAGE_KEPT.most}, as the ledger keeps a saga for {LEDGER_KEPT} and a dead letter waits "
            f"for up to {MESSAGE_KEPT.most}; lower the retries' attempts or cap, or the waits"
        )


def _check_lasting_function(saga: Saga, name: str, function: AnyFunction) -> None:
    """Sagas under way call the function by the ARN that they started with, perhaps after several deployments.

    Raises:
        WiringError: it is a published version: each deployment makes another one, and deletes the one before.
    """
    arn = function.function_arn
    number = not Token.is_unresolved(arn) and arn.rpartition(":")[2].isdecimal()
    if isinstance(function, lambda_.Version) or number:
        raise WiringError(
            f"saga {saga.name!r}: the function of {name!r} is a published version, which the next deployment replaces, "
            f"while sagas under way still call it; pass the function itself, or an alias of it"
        )


def _wired(saga: Saga, name: str, function: AnyFunction, told: Duration | None) -> Wired:
    _check_lasting_function(saga, name, function)
    timeout = int(told.to_seconds()) if told else _timeout_of(function)
    if timeout is None:
        raise WiringError(
            f"saga {saga.name!r}: the time-out of {name!r}'s function cannot be read, it is imported; "
            f"pass timeouts={{{name!r}: Duration.seconds(…)}}, the time-out it really has"
        )
    return Wired(name=name, function=cast(lambda_.IFunction, function), timeout=timeout)


def _timeout_of(function: AnyFunction) -> int | None:
    if isinstance(function, lambda_.Alias | lambda_.Version):
        return _timeout_of(function.lambda_)
    if isinstance(function, Timed):
        return function.timeout_seconds
    if isinstance(function, lambda_.Function):
        return int(told.to_seconds()) if (told := function.timeout) else LAMBDA_DEFAULT
    return None
