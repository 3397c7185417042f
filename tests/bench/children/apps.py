"""`python -m bench.children.apps KIND STEPS [TEMPLATE]`: one CDK app; prints its jsii calls, template and resources.

Each kind imports only what it needs. `plain` builds what is in the file TEMPLATE, the others write theirs there.
"""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from aws_cdk import CfnResource, Stack

from templates import Json, new_app

FEW = 3
"""Participants that share the steps, in the kinds that are not called `…-alone`."""
CODE = Path(__file__).parents[1] / "nothing"


def ours(stack: Stack, kind: str, steps: int) -> dict[str, int]:
    """A saga of ours; returns the calls that the saga took, without its functions, ledger and bus, and its machine.

    Kinds are `<style>`, `<style>-alone`, where each step has a function of its own, and `<style>-without`, where all is
    there but the saga itself.
    """
    from cdk_saga import Saga, Step  # noqa: PLC0415
    from cdk_saga.aws import Bundle, Ledger, ParticipantFunction, SagaBus  # noqa: PLC0415

    style, _, which = kind.partition("-")
    names = [f"p{i % (steps if which == 'alone' else FEW)}" for i in range(steps)]
    saga = Saga(
        "trip", [Step(f"step{i}", participant=p, action="do", compensation="undo") for i, p in enumerate(names)]
    )
    common: dict[str, Any] = {"ledger": Ledger(stack, "Ledger"), "bus": SagaBus(stack, "Bus")}
    bundle = Bundle.runtime(CODE)
    participants = {
        name: ParticipantFunction(stack, name, service=name, handler="nothing.handler", bundle=bundle, **common)
        for name in saga.participants
    }
    return {} if which == "without" else counted(stack, style, saga=saga, participants=participants, **common)


def counted(stack: Stack, style: str, **props: Any) -> dict[str, int]:
    """The saga; returns its calls."""
    from cdk_saga.aws import ChoreographedSaga, OrchestratedSaga  # noqa: PLC0415

    taken: dict[str, int] = {}

    class Orchestrated(OrchestratedSaga):
        def _machine(self, *arguments: Any, **named: Any) -> Any:
            before = CALLS.total()
            machine = super()._machine(*arguments, **named)
            taken["machine_calls"] = CALLS.total() - before
            return machine

    before = CALLS.total()
    build = Orchestrated if style == "orchestrated" else ChoreographedSaga
    build(stack, "Saga", **props)
    return {**taken, "saga_calls": CALLS.total() - before}


def function(stack: Stack) -> None:
    """One function as CDK's users write it, with its code in a folder."""
    from aws_cdk import aws_lambda as lambda_  # noqa: PLC0415

    code = lambda_.Code.from_asset(str(CODE))
    lambda_.Function(stack, "Function", runtime=lambda_.Runtime.PYTHON_3_12, handler="nothing.handler", code=code)


def plain(stack: Stack, resources: Json) -> None:
    """The cheapest way that CDK has to these resources: each is one call, its properties plain data."""
    for id, resource in resources.items():
        CfnResource(stack, id, type=resource["Type"], properties=resource.get("Properties"))


CALLS: Counter[str] = Counter()


def count_calls() -> None:
    """Count what goes over to jsii's Node process."""
    from jsii._kernel.providers import process  # noqa: PLC0415

    node: Any = process._NodeProcess  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    send = node.send

    def counted(self: Any, request: Any, response: Any) -> Any:
        CALLS[type(request).__name__] += 1
        return send(self, request, response)

    node.send = counted


def main(kind: str, steps: int, kept: Path | None = None) -> None:
    """Build and synthesize."""
    count_calls()
    app = new_app()
    stack = Stack(app, "Stack")
    stack.node.set_context("@aws-cdk/core:stackResourceLimit", 0)
    taken: dict[str, int] = {}
    match kind:
        case "empty":
            pass
        case "function":
            function(stack)
        case "chain":
            from bench.baselines import chain  # noqa: PLC0415

            chain.build(stack, steps)
        case "plain" if kept:
            plain(stack, json.loads(kept.read_text())["Resources"])
        case _:
            taken = ours(stack, kind, steps)
    template = Path(app.synth().get_stack_by_name("Stack").template_full_path).read_text()
    if kept and kind != "plain":
        kept.write_text(template)
    figures = {
        "calls": CALLS.total(),
        **taken,
        "bytes": len(template.encode()),
        "resources": len(json.loads(template).get("Resources", {})),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *map(Path, sys.argv[3:]))
