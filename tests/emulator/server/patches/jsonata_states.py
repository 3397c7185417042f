"""`Parallel` and `Succeed` states obey `Arguments`, `Output` and `Assign` in JSONata.

MiniStack evaluates those fields in every other state; in these two it goes on as in JSONPath, and a Parallel state's
output is always the bare list of its branches' results. Each branch also gets a context of its own: MiniStack's
branches share one, so that two task tokens at the same time are mixed up.
"""

import importlib

from emulator.server.rewriting import rewrite

_PARALLEL = {
    """\
    effective = _apply_parameters(state_def, effective, ctx)
""": """\
    effective = _apply_parameters(state_def, effective, ctx)
    is_jsonata = _state_query_language(state_def, ctx) == "JSONata"
    if is_jsonata:
        effective = _apply_jsonata_arguments(state_def, raw_input, ctx)
""",
    """\
                effective, execution, ctx)
""": """\
                effective, execution, dict(ctx))
""",
    """\
    result = _apply_result_selector(state_def, results)
""": """\
    if is_jsonata:
        output = _apply_jsonata_output(state_def, raw_input, ctx, result=results, default=results)
        _apply_state_assign(state_def, raw_input, ctx, result=results)
        return output, _next_or_end(state_def)

    result = _apply_result_selector(state_def, results)
""",
}
_SUCCEED = {
    """\
                current_input = _apply_output_path(state_def, current_input, ctx)
""": """\
                current_input = _apply_output_path(state_def, current_input, ctx)
                if _state_query_language(state_def, ctx) == "JSONata":
                    current_input = _apply_jsonata_output(state_def, current_input, ctx, default=current_input)
""",
}


def apply() -> None:
    """Patch Parallel states, and Succeed states outside of them."""
    service = importlib.import_module("ministack.services.stepfunctions")
    rewrite(service._run_parallel_branches, _PARALLEL)
    rewrite(service._run_execution, _SUCCEED)
