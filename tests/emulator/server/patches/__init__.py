"""What MiniStack does differently from AWS and matters to a saga, one patch a file.

Every patch says what AWS does, asserts that the lines it changes are still there (see `rewriting`), and has contract
tests in `tests/emulator_tests`; the one that is about speed only, `execution_start`, has none.
"""

from emulator.server.patches import (
    accepted_resources,
    alarm_expressions,
    alias_arns,
    authorized_resources,
    created_resources,
    event_retries,
    execution_names,
    execution_start,
    execution_stop,
    execution_versions,
    fault_duplicates,
    fault_hooks,
    handler_errors,
    imported_outputs,
    jsonata_states,
    queue_messages,
    redelivery,
    secure_transport,
    simulated_policies,
    stopped_branches,
    task_tokens,
    web_pages,
    worker_limit,
)

PATCHES = (
    alias_arns,
    handler_errors,
    worker_limit,
    execution_names,
    execution_start,
    execution_stop,
    execution_versions,
    jsonata_states,
    task_tokens,
    stopped_branches,
    queue_messages,
    redelivery,
    event_retries,
    authorized_resources,
    secure_transport,
    simulated_policies,
    accepted_resources,
    alarm_expressions,
    created_resources,
    imported_outputs,
    fault_hooks,
    fault_duplicates,
    web_pages,
)


def apply_all() -> None:
    """Apply every patch; to be called before the server starts.

    Raises:
        rewriting.PatchError: if MiniStack is not the version the patches were written for.
    """
    for patch in PATCHES:
        patch.apply()
