"""Every AWS call that the simulations have recorded is allowed to the function that makes it.

Asks `iam:SimulatePrincipalPolicy` (https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html)
with the role of the deployed function and the ARN of the deployed resource.
"""

from collections.abc import Iterator
from typing import Any, Final

from iam.calls import Call, recorded
from verify.account import Account
from verify.sagas import STYLES, DeployedSaga

TABLE: Final = "AWS::DynamoDB::GlobalTable"


def differences(account: Account, sagas: list[DeployedSaga]) -> Iterator[str]:
    """The calls that IAM does not allow."""
    client = account.client("iam")
    by_name = {(saga.definition.name.removesuffix("-by-events"), saga.style): saga for saga in sagas}
    for style in STYLES:
        for name, call in sorted(recorded(style)):
            saga = by_name[name, style]
            role, arn = _role(account, saga, call.function), _arn(account, saga, call)
            answer = client.simulate_principal_policy(
                PolicySourceArn=role, ActionNames=[call.action], ResourceArns=[arn], ContextEntries=_context(call)
            )
            for result in answer["EvaluationResults"]:
                if result["EvalDecision"] != "allowed":
                    missing = ", ".join(result.get("MissingContextValues", ())) or "none"
                    yield (
                        f"{saga.stack}: {call.action} on {arn} is {result['EvalDecision']} to {role}, the role of "
                        f"{call.function}; condition keys without a value: {missing}"
                    )


def _context(call: Call) -> list[dict[str, Any]]:
    return [
        {"ContextKeyName": key, "ContextKeyType": "stringList", "ContextKeyValues": list(values)}
        for key, values in call.context
    ]


def _role(account: Account, saga: DeployedSaga, function: str) -> str:
    """The ARN of the role that a function has."""
    stack, pattern = (
        (saga.stack, "^SagaRecovery") if function == "recovery" else ("Participants", f"^{function.title()}")
    )
    name = account.one(stack, "AWS::Lambda::Function", f"{pattern}[0-9A-F]{{8}}$")
    return account.client("lambda").get_function_configuration(FunctionName=name)["Role"]


def _arn(account: Account, saga: DeployedSaga, call: Call) -> str:
    """The ARN of what a call is on: what the simulation calls `flights` is a resource `Flights…` of a stack."""
    match call.action.partition(":")[0]:
        case "dynamodb":
            table, *index = call.resource.split("/", 1)
            logical = "Ledger" if table == "ledger" else table.title()
            name = account.one("State", TABLE, f"^{logical}(Table)?[0-9A-F]{{8}}$")
            arn = account.client("dynamodb").describe_table(TableName=name)["Table"]["TableArn"]
            return "/".join([arn, *index])
        case "events":
            bus = account.one("State", "AWS::Events::EventBus", "^Bus")
            return account.client("events").describe_event_bus(Name=bus)["Arn"]
        case "sqs":
            logical = f"(?i)^Saga{call.resource.replace('-', '')}(Queue)?[0-9A-F]{{8}}$"
            url = account.one(saga.stack, "AWS::SQS::Queue", logical)
            asked = {"QueueUrl": url, "AttributeNames": ["QueueArn"]}
            return account.client("sqs").get_queue_attributes(**asked)["Attributes"]["QueueArn"]
        case _:
            return _of_machine(saga, call.resource)


def _of_machine(saga: DeployedSaga, resource: str) -> str:
    """The ARN of the deployed machine, or of an execution of it, for a simulated one."""
    machine = ":".join(saga.target["where"].split(":")[:7])
    if ":execution:" not in resource:
        return machine
    return f"{machine.replace(':stateMachine:', ':execution:')}:{resource.rpartition(':')[2]}"
