"""`SimulatePrincipalPolicy` knows the condition keys that it is given.

MiniStack evaluates the role's policies for the action and the resource, and drops `ContextEntries`, so that what a
condition narrows is denied. On AWS they are the values of the condition keys
(https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html).
"""

import contextvars
import importlib
from collections.abc import Mapping
from itertools import count, takewhile
from typing import Any

from emulator.server.rewriting import rewrite

_keys: contextvars.ContextVar[dict[str, list[str]]] = contextvars.ContextVar("keys")

_ASKED = """\
    actions, resource_arn = _extract_simulate_params(p)
    account_id = get_account_id()
    # Resolve the principal's policies
"""
_ASKED_WITH_KEYS = f"""\
    _note_condition_keys(p, _p)
{_ASKED}\
"""
_EVALUATED = """\
                secure_transport=False,
            )
            result = evaluate(ctx, policies)
"""
_EVALUATED_WITH_KEYS = """\
                secure_transport=False,
                service_context=_condition_keys(),
            )
            result = evaluate(ctx, policies)
"""


def note_condition_keys(parameters: Mapping[str, Any], value: Any) -> None:
    """Remember the condition keys of a request, spelled in small letters, as MiniStack looks for them."""

    def listed(prefix: str, suffix: str = "") -> list[str]:
        values = (value(parameters, f"{prefix}.member.{n}{suffix}") for n in count(1))
        return list(takewhile(bool, values))

    names = listed("ContextEntries", ".ContextKeyName")
    values = [listed(f"ContextEntries.member.{n}.ContextKeyValues") for n in range(1, 1 + len(names))]
    _keys.set({name.lower(): found for name, found in zip(names, values, strict=True)})


def condition_keys() -> dict[str, list[str]]:
    """The condition keys of the request; none for `SimulateCustomPolicy`."""
    return _keys.get({})


def apply() -> None:
    """Patch the simulation of a principal's policies."""
    iam = importlib.import_module("ministack.services.iam")
    rewrite(iam._simulate_principal_policy, {_ASKED: _ASKED_WITH_KEYS}, {"_note_condition_keys": note_condition_keys})
    rewrite(iam._build_simulate_results_real, {_EVALUATED: _EVALUATED_WITH_KEYS}, {"_condition_keys": condition_keys})
