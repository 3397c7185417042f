"""With `auth`, a function may do what its execution role allows and nothing else."""

import json
from typing import Any

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


def test_what_the_execution_role_does_not_allow_is_denied() -> None:
    with Emulator.start(auth=True) as emulator:
        name, iam = table(emulator), emulator.client("iam")
        trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"]
        reads = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": f"arn:aws:dynamodb:*:*:table/{name}"}
        iam.put_role_policy(RoleName="reader", PolicyName="reads", PolicyDocument=policy(reads))

        answer = invoke(emulator, function(emulator, READS_AND_WRITES, role=role, TABLE=name), {})

    assert "AccessDeniedException) when calling the PutItem operation" in answer["errorMessage"]


def policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
