"""Reads of DynamoDB that handlers make, the same of every implementation."""

from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from cdk_saga.testing.dynamodb import DynamoDB
from simulation.backends import Backend, key, reason

Json = dict[str, Any]
SKS = ("a", "b", "c", "d", "e")


@pytest.fixture
def filled(backend: Backend) -> Backend:
    """A table with five items of one partition and one of another."""
    for i, sk in enumerate(SKS):
        backend.client.put_item(
            TableName=backend.table, Item={**key(sk), "n": {"N": str(i)}, "m": {"M": {"x": {"S": sk}}}}
        )
    backend.client.put_item(TableName=backend.table, Item={"pk": {"S": "q"}, "sk": {"S": "z"}})
    return backend


def sks(items: Any) -> list[str]:
    return [item["sk"]["S"] for item in items]


def test_a_scan_finds_everything_page_by_page(filled: Backend) -> None:
    pages = list(filled.client.get_paginator("scan").paginate(TableName=filled.table, Limit=2))
    assert sorted(sks(item for page in pages for item in page["Items"])) == [*SKS, "z"]
    assert [page["ScannedCount"] for page in pages[:3]] == [2, 2, 2]


def test_a_scan_filters_what_it_has_read(filled: Backend) -> None:
    found = filled.client.scan(
        TableName=filled.table, FilterExpression="n > :two", ExpressionAttributeValues={":two": {"N": "2"}}
    )
    assert (sorted(sks(found["Items"])), found["Count"], found["ScannedCount"]) == (["d", "e"], 2, 6)


def test_the_segments_of_a_scan_are_all_of_it(filled: Backend) -> None:
    segments = [filled.client.scan(TableName=filled.table, Segment=i, TotalSegments=3)["Items"] for i in range(3)]
    assert sorted(sks(item for segment in segments for item in segment)) == [*SKS, "z"]


@pytest.mark.parametrize("operation", ["query", "scan"])
def test_a_count_carries_no_items(filled: Backend, operation: str) -> None:
    of_query = {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "p"}}}
    request = of_query if operation == "query" else {}
    found = getattr(filled.client, operation)(TableName=filled.table, Select="COUNT", **request)
    assert found["Count"] == (5 if request else 6)
    assert not found.get("Items")


def test_a_projection_is_a_part_of_the_item(filled: Backend) -> None:
    names = {"#n": "n"}
    request = {"TableName": filled.table, "ProjectionExpression": "#n, m.x", "ExpressionAttributeNames": names}
    part = {"n": {"N": "0"}, "m": {"M": {"x": {"S": "a"}}}}
    assert filled.client.get_item(Key=key("a"), **request)["Item"] == part
    found = filled.client.query(
        KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": {"S": "p"}}, Limit=1, **request
    )
    assert found["Items"] == [part]


def test_a_batch_finds_what_is_there(filled: Backend) -> None:
    wanted = {filled.table: {"Keys": [key("b"), key("gone"), key("a")], "ProjectionExpression": "sk"}}
    found = filled.client.batch_get_item(RequestItems=wanted)
    assert sorted(sks(found["Responses"][filled.table])) == ["a", "b"]
    assert not found["UnprocessedKeys"]


def test_a_batch_names_an_item_once(filled: Backend) -> None:
    with pytest.raises(ClientError) as refused:
        filled.client.batch_get_item(RequestItems={filled.table: {"Keys": [key("a"), key("a")]}})
    assert reason(refused) == ("ValidationException", "Provided list of item keys contains duplicates")


def test_a_transaction_reads_in_the_order_of_its_request(filled: Backend) -> None:
    gets = [{"Get": {"TableName": filled.table, "Key": key(sk)}} for sk in ("b", "gone", "a")]
    found = filled.client.transact_get_items(TransactItems=gets)["Responses"]
    assert [one.get("Item", {}).get("sk") for one in found] == [{"S": "b"}, None, {"S": "a"}]


@pytest.fixture
def indexed(backend: Backend) -> Backend:
    """A table whose items can be found by their flight, in the order of their seats."""
    name = f"seats-{uuid4().hex[:8]}"
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}]
    of_index = [{"AttributeName": "flight", "KeyType": "HASH"}, {"AttributeName": "seat", "KeyType": "RANGE"}]
    types = {"pk": "S", "flight": "S", "seat": "N"}
    backend.client.create_table(
        TableName=name,
        KeySchema=keys,
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": kind} for key, kind in types.items()],
        GlobalSecondaryIndexes=[
            {"IndexName": "byFlight", "KeySchema": of_index, "Projection": {"ProjectionType": "ALL"}}
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    for pk, seat in {"a": "9", "b": "10", "c": "2", "d": "10"}.items():
        item = {"pk": {"S": pk}, "flight": {"S": "LH1"}, "seat": {"N": seat}}
        backend.client.put_item(TableName=name, Item=item)
    backend.client.put_item(TableName=name, Item={"pk": {"S": "none"}, "flight": {"S": "LH1"}})
    return Backend(backend.client, name)


def test_an_index_is_read_in_the_order_of_its_numbers_page_by_page(indexed: Backend) -> None:
    of_flight = {"KeyConditionExpression": "flight = :f", "ExpressionAttributeValues": {":f": {"S": "LH1"}}}
    pages = indexed.client.get_paginator("query").paginate(
        TableName=indexed.table, IndexName="byFlight", Limit=2, **of_flight
    )
    assert [item["seat"]["N"] for page in pages for item in page["Items"]] == ["2", "9", "10", "10"]


def test_an_index_is_scanned(indexed: Backend) -> None:
    found = indexed.client.scan(TableName=indexed.table, IndexName="byFlight")["Items"]
    assert sorted(item["pk"]["S"] for item in found) == ["a", "b", "c", "d"]


def test_sizes_are_bytes_of_utf_8() -> None:
    backend = Backend(DynamoDB(), "t")
    backend.client.create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
    )
    backend.put(é={"S": "x" * (400 * 1024 - 8)})
    with pytest.raises(ClientError, match="Item size"):
        backend.put(éé={"S": "x" * (400 * 1024 - 8)})
