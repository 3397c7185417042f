"""A function may do what its execution role allows and nothing else."""

from emulator.instance import Emulator
from emulator_tests.resources import function, invoke, table

READS_AND_WRITES = """
    import os
    import boto3

    dynamodb, key = boto3.client("dynamodb"), {"pk": {"S": "a"}, "sk": {"S": "b"}}

    def handler(event, context):
        dynamodb.get_item(TableName=os.environ["TABLE"], Key=key)
        dynamodb.put_item(TableName=os.environ["TABLE"], Item=key)
"""


def test_what_the_execution_role_does_not_allow_is_denied(emulator: Emulator) -> None:
    name = table(emulator)
    reads = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": f"arn:aws:dynamodb:*:*:table/{name}"}

    answer = invoke(emulator, function(emulator, READS_AND_WRITES, allowed=reads, TABLE=name), {})

    assert "AccessDeniedException) when calling the PutItem operation" in answer["errorMessage"]
