"""What is on sale in the local environment from the start, for sagas whose input people write themselves."""

from typing import Any, Final

from emulator.cdk import Outputs
from emulator.instance import Emulator

SHELVES: Final = (
    ("FlightsTable", "FLIGHT#LH1", "seats", 100),
    ("HotelsTable", "HOTEL#Ritz", "rooms", 50),
    ("WarehouseTable", "ARTICLE#mug", "pieces", 100),
    ("WarehouseTable", "ARTICLE#pen", "pieces", 100),
    ("WarehouseTable", "ARTICLE#lamp", "pieces", 100),
    ("ShippingTable", "REGION#north", "parcels", 100),
)
"""The table, as the stack's output calls it, the item's key, what is counted there, and how much there is."""


def fill(emulator: Emulator, outputs: Outputs) -> None:
    """Put on sale what was not yet: what sagas have taken meanwhile stays taken."""
    dynamodb: Any = emulator.client("dynamodb")
    for table, key, counted_in, units in SHELVES:
        dynamodb.update_item(
            TableName=outputs["local-State"][table],
            Key={"pk": {"S": key}},
            UpdateExpression="SET #units = if_not_exists(#units, :units)",
            ExpressionAttributeNames={"#units": counted_in},
            ExpressionAttributeValues={":units": {"N": str(units)}},
        )
