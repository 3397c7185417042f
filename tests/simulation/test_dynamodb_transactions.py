"""The contract of simulated DynamoDB: a transaction is all or nothing, and says why it is nothing."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from simulation.backends import Backend, differs, key, reason

Json = dict[str, Any]
ABSENT = "attribute_not_exists(pk)"
ONE: Json = {":1": {"N": "1"}}


def reasons(error: Any) -> list[Json]:
    assert reason(error)[0] == "TransactionCanceledException"
    return error.value.response["CancellationReasons"]


def test_a_transaction_writes_all_its_items(backend: Backend) -> None:
    backend.put(a={"N": "1"})
    backend.transact(
        backend.deleting(),
        backend.putting("2", ABSENT, b={"N": "2"}),
        backend.updating("ADD c :1", "3", values=ONE),
        backend.check(ABSENT, "4"),
    )
    assert [backend.item(sk) for sk in "1234"] == [None, {"b": {"N": "2"}}, {"c": {"N": "1"}}, None]


def test_a_refused_transaction_writes_nothing_and_gives_a_reason_for_each_item(backend: Backend) -> None:
    backend.put(a={"N": "1"})
    with pytest.raises(ClientError) as caught:
        backend.transact(
            backend.putting("2", ABSENT),
            backend.putting("1", ABSENT),
            backend.updating("ADD c :1", "3", values=ONE),
            backend.check("attribute_exists(pk)", "4"),
        )
    assert [found["Code"] for found in reasons(caught)] == [
        "None",
        "ConditionalCheckFailed",
        "None",
        "ConditionalCheckFailed",
    ]
    assert [backend.item(sk) for sk in "1234"] == [{"a": {"N": "1"}}, None, None, None]
    assert "[None, ConditionalCheckFailed, None, ConditionalCheckFailed]" in reason(caught)[1]


def test_a_reason_carries_the_old_item_when_asked_to(backend: Backend) -> None:
    backend.put(a={"N": "1"})
    asked = backend.putting("1", ABSENT)
    unasked = backend.check("attribute_exists(b)", "1")
    for entry, item in ((asked, {**key(), "a": {"N": "1"}}), (unasked, None)):
        with pytest.raises(ClientError) as caught:
            backend.transact(entry)
        assert reasons(caught)[0].get("Item") == item


def test_a_reason_carries_no_item_where_there_is_none(backend: Backend) -> None:
    with pytest.raises(ClientError) as caught:
        backend.transact(backend.putting("1", "attribute_exists(pk)"))
    assert "Item" not in reasons(caught)[0]


def test_conditions_are_checked_against_the_state_before_the_transaction(backend: Backend) -> None:
    backend.transact(backend.putting("1", a={"N": "1"}), backend.check(ABSENT, "2"))
    with pytest.raises(ClientError):
        backend.transact(backend.deleting("1"), backend.check("attribute_not_exists(pk)", "1"))


def test_an_item_stands_in_a_transaction_once(backend: Backend) -> None:
    with pytest.raises(ClientError) as caught:
        backend.transact(backend.putting("1"), backend.check(ABSENT, "1"))
    assert reason(caught) == (
        "ValidationException",
        "Transaction request cannot include multiple operations on one item",
    )


@differs(emulator="it accepts more")
def test_a_transaction_has_at_most_a_hundred_items(backend: Backend) -> None:
    backend.transact(*(backend.putting(str(n + 1)) for n in range(100)))
    with pytest.raises(ClientError) as caught:
        backend.transact(*(backend.putting(str(n + 1)) for n in range(101)))
    assert reason(caught)[0] == "ValidationException"


@differs(moto="it refuses the whole request")
def test_an_update_that_does_not_fit_its_item_is_a_reason(backend: Backend) -> None:
    backend.put(a={"S": "text"})
    with pytest.raises(ClientError) as caught:
        backend.transact(backend.updating("ADD a :1", values=ONE), backend.putting("2"))
    assert [found["Code"] for found in reasons(caught)] == ["ValidationError", "None"]
    assert backend.item("2") is None


@differs(moto="it ignores ClientRequestToken")
def test_a_transaction_with_the_same_token_is_done_once(backend: Backend) -> None:
    for _ in range(2):
        backend.transact(backend.updating("ADD n :1", values=ONE), ClientRequestToken="token-1")
    backend.transact(backend.updating("ADD n :1", values=ONE), ClientRequestToken="token-2")
    assert backend.item() == {"n": {"N": "2"}}


@differs(moto="it ignores ClientRequestToken")
def test_a_token_belongs_to_one_transaction(backend: Backend) -> None:
    backend.transact(backend.updating("ADD n :1", values=ONE), ClientRequestToken="token-3")
    with pytest.raises(ClientError) as caught:
        backend.transact(backend.updating("ADD m :1", values=ONE), ClientRequestToken="token-3")
    assert reason(caught)[0] == "IdempotentParameterMismatchException"


@differs(moto="it ignores ClientRequestToken")
def test_a_refused_transaction_may_be_sent_again_with_its_token(backend: Backend) -> None:
    entry = backend.updating("ADD n :1", values=ONE, condition="attribute_exists(pk)")
    with pytest.raises(ClientError):
        backend.transact(entry, ClientRequestToken="token-4")
    backend.put(n={"N": "1"})
    backend.transact(entry, ClientRequestToken="token-4")
    assert backend.item() == {"n": {"N": "2"}}


def test_a_query_finds_a_partition_in_the_order_of_its_sort_key(backend: Backend) -> None:
    for sk in ("b", "a", "c"):
        backend.transact(backend.putting(sk, n={"S": sk}))
    backend.client.put_item(TableName=backend.table, Item={"pk": {"S": "other"}, "sk": {"S": "a"}})
    assert query(backend, "pk = :pk") == ["a", "b", "c"]
    assert query(backend, "pk = :pk", ScanIndexForward=False) == ["c", "b", "a"]
    assert query(backend, "pk = :pk AND sk > :sk", sk="a") == ["b", "c"]
    assert query(backend, "pk = :pk AND begins_with(sk, :sk)", sk="b") == ["b"]
    assert query(backend, "pk = :pk", FilterExpression="n <> :n", n="b") == ["a", "c"]


def test_a_query_goes_on_page_by_page(backend: Backend) -> None:
    for sk in "abcde":
        backend.transact(backend.putting(sk))
    assert query(backend, "pk = :pk", Limit=2) == ["a", "b", "c", "d", "e"]


def query(backend: Backend, condition: str, sk: str = "", n: str = "", **request: Any) -> list[str]:
    values = {":pk": {"S": "p"}, ":sk": {"S": sk}, ":n": {"S": n}}
    pages = backend.client.get_paginator("query").paginate(
        TableName=backend.table,
        KeyConditionExpression=condition,
        ExpressionAttributeValues={name: value for name, value in values.items() if value["S"]},
        ConsistentRead=True,
        **request,
    )
    return [item["sk"]["S"] for page in pages for item in page["Items"]]
