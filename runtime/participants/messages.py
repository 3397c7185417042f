"""Messages: the customer is told how a saga ended, once. Not a participant: it only listens to sagas' endings."""

from typing import Any

from aws_lambda_powertools import Logger

from saga_runtime.services import Services, variable

logger = Logger()
services = Services()


def handler(event: dict[str, Any], _context: object) -> None:
    """Write the message of ``{"text": …, "saga": …}``, which rules make of endings; a repeated one changes nothing."""
    saga, text = event["saga"], event["text"]
    about = {"saga": saga["name"], "saga_id": saga["id"]}
    message = {
        "pk": f"MESSAGE#{saga['name']}#{saga['id']}",
        "customer": str(saga["input"].get("customer", "")),
        "text": text,
    }
    try:
        services.dynamodb.put_item(
            TableName=variable("TABLE"),
            Item={name: {"S": value} for name, value in message.items()},
            ConditionExpression="attribute_not_exists(pk)",
        )
    except services.dynamodb.exceptions.ConditionalCheckFailedException:
        logger.info("told already", extra=about)
    else:
        logger.info(text, extra=about)
