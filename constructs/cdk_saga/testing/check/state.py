"""What tables and providers hold, as plain values that can be compared and told in words."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, Final, NamedTuple, cast

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from cdk_saga.testing.check.subject import Provider, Subject, Table
from cdk_saga.testing.dynamodb.values import Item
from cdk_saga.testing.world import World

Json = dict[str, Any]
LONGEST: Final = 160
"""Characters of a value that a report shows."""


class Place(NamedTuple):
    """Where something is: an item of a table, or an effect at a provider."""

    where: str
    key: str

    def __str__(self) -> str:
        return f"{self.where}/{self.key}"


State = Mapping[Place, Any]


def fill(world: World, name: str, table: Table) -> None:
    """Make a table and put its items."""
    every = dict.fromkeys((*table.keys, *(key for keys in table.indexes.values() for key in keys)))
    attributes = [{"AttributeName": key, "AttributeType": _kind(table, key)} for key in every]
    indexes = [{"IndexName": index, "KeySchema": _schema(keys)} for index, keys in table.indexes.items()]
    world.dynamodb.create_table(
        TableName=name,
        KeySchema=_schema(table.keys),
        AttributeDefinitions=attributes,
        GlobalSecondaryIndexes=indexes,
    )
    for item in table.items:
        world.dynamodb.put_item(TableName=name, Item=typed(item))


def state_of(subject: Subject, world: World, providers: Mapping[str, Provider]) -> State:
    """Everything that is there, less what is ignored."""
    found = {
        Place(name, key_text(key)): plain(item)
        for name in subject.tables
        for key, item in world.dynamodb.items(name).items()
    }
    for name, provider in providers.items():
        found |= {Place(name, key): value for key, value in provider.effects().items()}
    return {place: seen for place, value in found.items() if (seen := visible(subject, place, value)) is not None}


def visible(subject: Subject, place: Place, value: Any) -> Any:
    """A value less its ignored attributes; ``None`` when it is ignored as a whole."""
    if value is None or (subject.ignored and subject.is_ignored(*place)):
        return None
    if subject.ignored and isinstance(value, dict):
        fields = cast(Json, value)
        return {name: field for name, field in fields.items() if not subject.is_ignored(*place, name)}
    return value


def differences(before: State, after: State) -> list[Place]:
    """The places that are not the same."""
    return sorted(place for place in before.keys() | after.keys() if before.get(place) != after.get(place))


def change(old: Any, new: Any) -> str:
    """How a value became another, in a few words."""
    if old is None:
        return f"put there: {shown(new)}"
    if new is None:
        return f"gone: {shown(old)}"
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return f"{shown(old)} → {shown(new)}"
    before, after = cast(Json, old), cast(Json, new)
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return ", ".join(f"{name}: {shown(before.get(name))} → {shown(after.get(name))}" for name in names)


def shown(value: Any) -> str:
    """A value, short enough for a report."""
    text = repr(_simple(value))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def key_text(key: tuple[Any, ...]) -> str:
    """A key as text."""
    return "/".join(map(str, key))


def typed(item: Mapping[str, Any]) -> Item:
    """An item in DynamoDB's form; floats by their shortest text."""
    serialize = TypeSerializer().serialize
    return {name: cast(Json, serialize(_exact(value))) for name, value in item.items()}


def plain(item: Item) -> Json:
    """An item as plain values."""
    deserialize = cast(Any, _deserializer()).deserialize
    return {name: deserialize(value) for name, value in item.items()}


@cache
def _deserializer() -> TypeDeserializer:
    return TypeDeserializer()


def _schema(keys: Sequence[str]) -> list[Json]:
    return [{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)]


def _kind(table: Table, key: str) -> str:
    return next((next(iter(typed({key: item[key]})[key])) for item in table.items if key in item), "S")


def _exact(value: Any) -> Any:
    match value:
        case float():
            return Decimal(repr(value))
        case dict():
            return {name: _exact(field) for name, field in cast(Json, value).items()}
        case list() | tuple():
            return [_exact(one) for one in cast(list[Any], value)]
        case _:
            return value


def _simple(value: Any) -> Any:
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case dict():
            return {name: _simple(field) for name, field in sorted(cast(Json, value).items())}
        case list() | tuple():
            return [_simple(one) for one in cast(list[Any], value)]
        case _:
            return value
