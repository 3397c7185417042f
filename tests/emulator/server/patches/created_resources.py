"""CloudFormation resources that MiniStack's services know and its CloudFormation does not.

Versions and aliases of state machines and archives of event buses are created through the services' own API functions,
so that an execution can be started by an alias's ARN and an archive fills. (Through an alias MiniStack runs the newest
definition all the same.)
"""

import importlib
import json
from collections.abc import Callable
from typing import Any

from emulator.server.patches.accepted_resources import register

Properties = dict[str, Any]
Resource = tuple[str, dict[str, str]]


def _call(operation: Callable[[Properties], tuple[int, Any, bytes]], request: Properties) -> Properties:
    status, _, body = operation(request)
    answer: Properties = json.loads(body)
    if status >= 400:
        raise ValueError(str(answer.get("message", answer)))
    return answer


def state_machine_version(service: Any) -> dict[str, Callable[..., Any]]:
    """Handlers of `AWS::StepFunctions::StateMachineVersion`."""

    def create(logical_id: str, properties: Properties, stack: str) -> Resource:
        request = {"stateMachineArn": properties["StateMachineArn"]}
        arn = _call(service._publish_state_machine_version, request)["stateMachineVersionArn"]
        return arn, {"Arn": arn}

    def delete(physical_id: str, properties: Properties) -> None:
        service._delete_state_machine_version({"stateMachineVersionArn": physical_id})

    return {"create": create, "delete": delete}


def state_machine_alias(service: Any) -> dict[str, Callable[..., Any]]:
    """Handlers of `AWS::StepFunctions::StateMachineAlias`."""

    def routing(properties: Properties) -> list[Properties]:
        deployment = properties.get("DeploymentPreference", {})
        routes = properties.get("RoutingConfiguration") or [{**deployment, "Weight": 100}]
        return [
            {"stateMachineVersionArn": route["StateMachineVersionArn"], "weight": int(route["Weight"])}
            for route in routes
        ]

    def create(logical_id: str, properties: Properties, stack: str) -> Resource:
        request = {"name": properties["Name"], "routingConfiguration": routing(properties)}
        arn = _call(service._create_state_machine_alias, request)["stateMachineAliasArn"]
        return arn, {"Arn": arn}

    def update(physical_id: str, old: Properties, new: Properties, stack: str) -> Resource:
        request = {"stateMachineAliasArn": physical_id, "routingConfiguration": routing(new)}
        _call(service._update_state_machine_alias, request)
        return physical_id, {"Arn": physical_id}

    def delete(physical_id: str, properties: Properties) -> None:
        service._delete_state_machine_alias({"stateMachineAliasArn": physical_id})

    return {"create": create, "update": update, "delete": delete}


def archive(service: Any) -> dict[str, Callable[..., Any]]:
    """Handlers of `AWS::Events::Archive`."""

    def create(logical_id: str, properties: Properties, stack: str) -> Resource:
        name = properties.get("ArchiveName") or f"{stack}-{logical_id}"[:48]
        request = {
            "ArchiveName": name,
            "EventSourceArn": properties["SourceArn"],
            "EventPattern": json.dumps(properties["EventPattern"]) if "EventPattern" in properties else "",
            "RetentionDays": int(properties.get("RetentionDays", 0)),
        }
        return name, {"Arn": _call(service._create_archive, request)["ArchiveArn"]}

    def delete(physical_id: str, properties: Properties) -> None:
        service._delete_archive({"ArchiveName": physical_id})

    return {"create": create, "delete": delete}


def apply() -> None:
    """Register the types with CloudFormation."""
    states = importlib.import_module("ministack.services.stepfunctions")
    register("AWS::StepFunctions::StateMachineVersion", state_machine_version(states))
    register("AWS::StepFunctions::StateMachineAlias", state_machine_alias(states))
    register("AWS::Events::Archive", archive(importlib.import_module("ministack.services.eventbridge")))
