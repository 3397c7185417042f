"""A function knows the alias by which it is invoked, as on AWS."""

from emulator.instance import Emulator
from emulator_tests.resources import function, invoke

SAYS_ITS_NAME = """
def handler(event, context):
    return context.invoked_function_arn
"""


def test_a_function_is_told_the_alias_by_which_it_is_invoked(emulator: Emulator) -> None:
    arn = function(emulator, SAYS_ITS_NAME)
    emulator.client("lambda").create_alias(FunctionName=arn, Name="answer", FunctionVersion="$LATEST")
    assert (invoke(emulator, arn, {}), invoke(emulator, f"{arn}:answer", {})) == (arn, f"{arn}:answer")
    assert invoke(emulator, arn, {}) == arn
