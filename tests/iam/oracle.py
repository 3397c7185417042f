"""What the roles of a stage's templates allow, without AWS: the templates resolved, their policies evaluated.

Identity policies with ``Allow`` and the condition operators that are used here; anything else is an error, so that no
statement is read as more or less than it says (IAM User Guide, "Policy evaluation logic").
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdk_saga.testing.services.authorization import OPERATORS, like
from templates import Json, of_type, readable

Context = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Grant:
    """One action on one resource, allowed to one role.

    Attributes:
        role: whose, as ``<stack/logical id>``.
        action: e.g. ``dynamodb:PutItem``.
        resource: an ARN whose parts may be ``<stack/logical id.attribute>``; ``*`` matches any text.
        conditions: operator, key and values.
    """

    role: str
    action: str
    resource: str
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...]

    def covers(self, action: str, resource: str, context: Context) -> bool:
        """Whether it allows a call."""
        held = (OPERATORS[operator](context.get(key, []), values) for operator, key, values in self.conditions)
        return self.action == action and like(resource, self.resource) and all(held)


class Account:
    """Every grant of some stacks that are deployed together."""

    def __init__(self, templates: Mapping[str, Json]) -> None:
        self._templates = templates
        self._exports = {
            output["Export"]["Name"]: self._resolved(stack, readable(output["Value"]))
            for stack, template in templates.items()
            for output in template.get("Outputs", {}).values()
            if "Export" in output
        }
        self.grants = {grant for stack in templates for grant in self._granted_in(stack)}

    def named(self, stack: str, kind: str, containing: str) -> str:
        """What a resource is called here: ``<stack/logical id>``."""
        (found,) = [id for id in of_type(self._templates[stack], kind) if re.search(containing, id)]
        return f"<{stack}/{found}>"

    def allowing(self, role: str, action: str, resource: str, context: Context) -> set[Grant]:
        """The grants that allow a role a call; empty when it is denied."""
        return {grant for grant in self.grants if grant.role == role and grant.covers(action, resource, context)}

    def _granted_in(self, stack: str) -> Iterator[Grant]:
        template = self._templates[stack]
        managed = of_type(template, "AWS::IAM::ManagedPolicy")
        for policy in [*of_type(template, "AWS::IAM::Policy").values(), *managed.values()]:
            for statement in policy["PolicyDocument"]["Statement"]:
                assert statement["Effect"] == "Allow", f"{stack}: {statement}"
                assert statement.keys() <= {"Effect", "Action", "Resource", "Condition", "Sid"}, f"{stack}: {statement}"
                for role in policy["Roles"]:
                    yield from self._grants(stack, self._resolved(stack, readable(role)), statement)

    def _grants(self, stack: str, role: str, statement: Json) -> Iterator[Grant]:
        conditions = tuple(
            (operator, key, tuple(self._resolved(stack, value) for value in _listed(readable(values))))
            for operator, terms in statement.get("Condition", {}).items()
            for key, values in terms.items()
        )
        for action in _listed(statement["Action"]):
            for resource in _listed(statement["Resource"]):
                yield Grant(role, action, self._resolved(stack, readable(resource)), conditions)

    def _resolved(self, stack: str, text: str) -> str:
        def one(found: re.Match[str]) -> str:
            kind, _, name = found[1].rpartition(" ")
            return self._exports[name] if kind else f"<{stack}/{name}>"

        return re.sub(r"\$\{([^}]+)\}", one, text)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
