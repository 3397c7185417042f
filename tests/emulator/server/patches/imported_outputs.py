"""An output that another stack imports cannot be removed or changed by an update, which may change outputs alone.

AWS: "You can't modify or remove an output value that is referenced by another stack"
(https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-importvalue.html);
the update fails and is rolled back. MiniStack refuses only the deletion of the stack, and keeps an export that no
stack has any more.

AWS: "If only stack Outputs are changed, CloudFormation generates a ChangeSet that is executable but has 0 changes"
(https://github.com/aws/aws-cdk/pull/2029). MiniStack fails such a change set, and the CDK CLI then says "no changes".
"""

import importlib
from collections.abc import Callable
from typing import Any

from emulator.server.rewriting import rewrite

Json = dict[str, Any]


def refusing(resolve: Callable[..., Any], stacks: Json, exports: Json, imports: Callable[[Json, str], set[str]]) -> Any:
    """``resolve``, which computes a stack's outputs, so that it raises where an imported one would change.

    Args:
        resolve: returns a stack's outputs and its exports by name.
        stacks: all stacks by name.
        exports: all exports by name.
        imports: the names that a stack imports.
    """

    def checked(*arguments: Any, **more: Any) -> tuple[list[Json], Json]:
        outputs, new = resolve(*arguments, **more)
        name: str = arguments[-2]
        old = {one["ExportName"]: one["OutputValue"] for one in stacks[name].get("Outputs", ()) if "ExportName" in one}
        for export, value in old.items():
            if export in new and new[export]["Value"] == value:
                continue
            for other, stack in stacks.items():
                there = stack.get("StackStatus", "").endswith("_COMPLETE") and stack["StackStatus"] != "DELETE_COMPLETE"
                if other != name and there and export in imports(stack, other):
                    raise ValueError(f"Export {export} cannot be updated as it is in use by {other}")
            if export not in new:
                exports.pop(export, None)
        return outputs, new

    return checked


def apply() -> None:
    """Wrap what computes a stack's outputs, and let a change set without other changes have them."""
    package = importlib.import_module("ministack.services.cloudformation")
    stacks: Any = importlib.import_module("ministack.services.cloudformation.stacks")
    handlers = importlib.import_module("ministack.services.cloudformation.handlers")
    stacks._resolve_stack_outputs = refusing(
        stacks._resolve_stack_outputs, package._stacks, package._exports, handlers._imported_export_names
    )
    changesets: Any = importlib.import_module("ministack.services.cloudformation.changesets")
    of_outputs = 'template.get("Outputs", {}) != old_template.get("Outputs", {})'
    rewrite(changesets._create_change_set, {"    elif changes:\n": f"    elif changes or {of_outputs}:\n"})
