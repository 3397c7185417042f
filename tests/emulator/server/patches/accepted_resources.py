"""CloudFormation resources that MiniStack refuses, and with them the whole template.

They are accepted and do nothing: what they stand for is not exercised by the local AWS. Templates hold them because
they are right for AWS.
"""

import importlib
import uuid
from typing import Any

from emulator.server.rewriting import PatchError

ACCEPTED_NOT_EXERCISED = (
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::Events::EventBusPolicy",
    "AWS::Logs::QueryDefinition",
    "AWS::SNS::TopicInlinePolicy",
    "AWS::SQS::QueueInlinePolicy",
)


def register(resource_type: str, handlers: dict[str, Any]) -> None:
    """Teach MiniStack's CloudFormation a resource type.

    Args:
        resource_type: such as `AWS::Events::Archive`.
        handlers: the functions `create`, `update` and `delete` as MiniStack's provisioners have them; without `update`
            a change replaces the resource.

    Raises:
        PatchError: if MiniStack knows the type by now.
    """
    registry = importlib.import_module("ministack.services.cloudformation.provisioners")._RESOURCE_HANDLERS
    if resource_type in registry:
        raise PatchError(f"MiniStack knows {resource_type} by now; remove it from the patches.")
    registry[resource_type] = handlers


def _create(logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, str]]:
    physical_id = f"{stack}-{logical_id}-{uuid.uuid4().hex[:12]}"
    return physical_id, {"Arn": physical_id, "Id": physical_id}


def _update(physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str) -> tuple[str, dict[str, str]]:
    return physical_id, {"Arn": physical_id, "Id": physical_id}


def _delete(physical_id: str, properties: dict[str, Any]) -> None:
    return None


def apply() -> None:
    """Register the accepted types."""
    for resource_type in ACCEPTED_NOT_EXERCISED:
        register(resource_type, {"create": _create, "update": _update, "delete": _delete})
