"""What checkers like cdk-nag object to in these constructs, and why it stays. No checker, no effect."""

from typing import Final

from aws_cdk import Acknowledgment, Stack, Validations
from constructs import IConstruct

LATEST_PYTHON: Final = "L1"
NO_DEAD_LETTERS: Final = "SQS3"
WILDCARDS: Final = "IAM5"
LOG_EVERYTHING: Final = "SF1"
TRACING: Final = "SF2"
INLINE_POLICIES: Final = "IAMNoInlinePolicy"
NO_DEAD_LETTERS_OF_ITS_OWN: Final = "LambdaDLQ"
CONTROLS: Final = ("HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5", "PCI.DSS.321")
"""Packs whose rules are controls of a standard, under the same names in each."""

REASONS: Final = {
    LATEST_PYTHON: "the bundle's bytecode is for the Python that synthesizes: synthesize with the newest",
    NO_DEAD_LETTERS: "it is the dead-letter queue, of rules and functions that the checker does not look at",
    WILDCARDS: "the versions and executions of one state machine; log delivery and network interfaces know none",
    LOG_EVERYTHING: "the history is kept for 90 days, and each participant logs each outcome; ALL is a property away",
    TRACING: "X-Ray knows no resources and would see every saga's timing; sagas are followed by their id in the logs",
    INLINE_POLICIES: "each names the resources of one saga for one role, and is of no use to another",
    NO_DEAD_LETTERS_OF_ITS_OWN: "what it reads from queues goes to theirs, a failed asynchronous call to a destination",
}
"""Rule → why it does not hold here."""


def acknowledge(construct: IConstruct, *rules: str) -> None:
    """Say of ``construct`` and all in it that ``rules`` are broken on purpose, or a finding of one, ``IAM5[…]``."""
    known = [Acknowledgment(id=f"AwsSolutions::AwsSolutions-{rule}", reason=REASONS[_name(rule)]) for rule in rules]
    Validations.of(construct).acknowledge(*known)


def acknowledge_controls(construct: IConstruct, rule: str) -> None:
    """Say of ``construct`` and all in it that ``rule`` of every pack of :data:`CONTROLS` is broken on purpose."""
    known = [Acknowledgment(id=f"{pack}::{pack}-{rule}", reason=REASONS[rule]) for pack in CONTROLS]
    Validations.of(construct).acknowledge(*known)


def spelled(stack: Stack, value: str) -> str:
    """Spell a partition, Region or account as cdk-nag does in findings: as it is, or ``<AWS::Region>`` if unknown."""
    found: str | dict[str, str] = stack.resolve(value)
    return found if isinstance(found, str) else f"<{found['Ref']}>"


def _name(rule: str) -> str:
    return rule.partition("[")[0]
