"""Every state of a state machine with every outcome and retry: it goes where its plan says, with the output it should.

Asks `states:TestState` (https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html) with mocked
results and errors, so that nothing is invoked, and `states:ValidateStateMachineDefinition`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from verify.account import Account
from verify.outcomes import Outcome, outcomes
from verify.sagas import DeployedSaga

Json = dict[str, Any]
TOKEN: Final = "token"  # noqa: S105 # what a task is told, not what opens anything
FIELDS: Final = ("status", "error", "nextState")


@dataclass(frozen=True)
class Check:
    """A state that is tested with a mocked outcome.

    Args:
        name: the state's.
        state: its definition.
        outcome: what is mocked, and where it has to lead.
    """

    name: str
    state: Json
    outcome: Outcome

    @property
    def request(self) -> Json:
        """The parameters of `TestState`."""
        mock, configuration = self.outcome.mock, self.outcome.configuration
        context = {"State": {"Name": self.name, "RetryCount": configuration.get("retrierRetryCount", 0)}}
        mocked: Json = {"mock": mock, "context": json.dumps({**context, "Task": {"Token": TOKEN}})} if mock else {}
        return {
            "definition": json.dumps({"QueryLanguage": "JSONata", **self.state}),
            "input": json.dumps(self.outcome.given),
            **mocked,
            **({"stateConfiguration": configuration} if configuration else {}),
        }

    @property
    def expected(self) -> Json:
        """What AWS has to answer, of the fields that are compared."""
        expected = self.outcome.expected
        told: Mapping[str, Any] = {
            "status": expected.status,
            "error": expected.error,
            "nextState": expected.next,
            "output": expected.output,
        }
        return {field: value for field, value in told.items() if value is not None}


def differences(account: Account, saga: DeployedSaga) -> Iterator[str]:
    """Where the states of a saga's deployed machine lead otherwise than its plan says."""
    client = account.client("stepfunctions")
    machine = ":".join(saga.target["where"].split(":")[:7])
    text = client.describe_state_machine(stateMachineArn=machine)["definition"]
    validated = client.validate_state_machine_definition(definition=text)
    if validated["result"] != "OK":
        for found in validated["diagnostics"]:
            yield f"{saga.stack}: {found['code']} at {found.get('location', 'an unknown place')}: {found['message']}"
    states = dict(_states(json.loads(text)))
    planned = {
        name: [outcome for one, outcome in outcomes(saga.plan) if one == name] for name, _ in outcomes(saga.plan)
    }
    yield from (f"{saga.stack}: {name} is no state of the machine" for name in sorted(planned.keys() - states))
    for name in planned.keys() & states:
        for check in (Check(name, states[name], outcome) for outcome in planned[name]):
            answer = client.test_state(**check.request)
            if (found := _told(answer)) != check.expected:
                yield f"{saga.stack}: {check.name}, {check.outcome.told}: {found}; by the plan {check.expected}"


def _states(definition: Json) -> Iterator[tuple[str, Json]]:
    for name, state in definition["States"].items():
        yield name, state
        for branch in state.get("Branches", ()):
            yield from _states(branch)


def _told(answer: Json) -> Json:
    output = {"output": json.loads(answer["output"])} if "output" in answer else {}
    return {**{field: answer[field] for field in FIELDS if field in answer}, **output}
