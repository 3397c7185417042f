"""Messages: the customer is told how the trip ended, once. Not a participant: it only listens to sagas' endings."""

from typing import Any, Final

from aws_lambda_powertools import Logger

from saga_runtime.services import Services, variable

TEXTS: Final = {
    "saga.completed": "your trip is booked",
    "saga.compensated": "the booking could not be completed",
}
logger = Logger()
services = Services()


def handler(event: dict[str, Any], _context: object) -> None:
    """Write the message for an event ``saga.completed`` or ``saga.compensated``; a repeated one changes nothing.

    Raises:
        KeyError: another event; the rules decide which ones come here.
    """
    saga, text = event["detail"], TEXTS[event["detail-type"]]
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
