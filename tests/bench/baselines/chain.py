"""By hand: a chain of CDK's L2 constructs, two functions a step, each action caught into its cancelling task."""

import json
from typing import Any, cast

from aws_cdk import Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks

from templates import Json, of_type, synthesized


def build(stack: Stack, steps: int) -> sfn.StateMachine:
    """Put a saga of so many steps into `stack`."""
    back: sfn.IChainable = cast(sfn.IChainable, sfn.Fail(stack, "Compensated", error="COMPENSATED"))
    actions: list[tasks.LambdaInvoke] = []
    for i in range(steps):
        action, cancel = (_task(stack, f"{word}{i}") for word in ("do", "undo"))
        cancel.next(back)
        back = cast(sfn.IChainable, cancel)
        action.add_catch(back, result_path="$.failure")
        actions.append(action)
    chain = sfn.Chain.start(cast(sfn.IChainable, actions[0]))
    for action in actions[1:]:
        chain = chain.next(cast(sfn.IChainable, action))
    done = chain.next(cast(sfn.IChainable, sfn.Succeed(stack, "Completed")))
    return sfn.StateMachine(
        stack, "Machine", definition_body=sfn.DefinitionBody.from_chainable(cast(sfn.IChainable, done))
    )


def definition(steps: int, function: str) -> str:
    """The definition that CDK makes of it, with `function`, an ARN, for each of its functions."""
    machine = next(
        iter(of_type(synthesized(lambda stack: build(stack, steps)), "AWS::StepFunctions::StateMachine").values())
    )
    return "".join(_resolved(part, function) for part in machine["DefinitionString"]["Fn::Join"][1])


def _task(stack: Stack, name: str) -> tasks.LambdaInvoke:
    function = lambda_.Function(
        stack,
        f"{name}Function",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): return event"),
    )
    payload = sfn.TaskInput.from_object({"task": name, "saga": sfn.JsonPath.entire_payload})
    return tasks.LambdaInvoke(
        stack, name, lambda_function=cast(lambda_.IFunction, function), payload=payload, output_path="$.Payload"
    )


def _resolved(part: Any, function: str) -> str:
    match part:
        case {"Fn::GetAtt": [_, "Arn"]}:
            return function
        case {"Ref": "AWS::Partition"}:
            return "aws"
        case str():
            return part
        case _:
            raise ValueError(f"the chain's definition holds {json.dumps(part)}")


def transitions(history: list[Json]) -> int:
    """The states that an execution entered."""
    return sum(event["type"].endswith("StateEntered") for event in history)
