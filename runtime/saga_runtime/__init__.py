"""The runtime of a saga's participants: write an action and its compensation, deploy it in either style."""

from saga_runtime.gc_pause import gc_paused

with gc_paused("modules"):
    from saga_runtime.command import Command
    from saga_runtime.errors import BadCommand, Busy, InputMismatch, PastPivot, Rejected, SagaError, SagaFenced
    from saga_runtime.participant import Participant
    from saga_runtime.pending import Pending
    from saga_runtime.writes import Writes

__all__ = [
    "BadCommand",
    "Busy",
    "Command",
    "InputMismatch",
    "Participant",
    "PastPivot",
    "Pending",
    "Rejected",
    "SagaError",
    "SagaFenced",
    "Writes",
]
