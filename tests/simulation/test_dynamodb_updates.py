"""The contract of simulated DynamoDB: updates change here what they change on AWS, and refuse the same."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from simulation.backends import Backend, differs, reason

Json = dict[str, Any]
ITEM: Json = {
    "st": {"S": "DONE"},
    "n": {"N": "5"},
    "tags": {"SS": ["a", "b"]},
    "legs": {"L": [{"S": "LH1"}, {"S": "LH2"}]},
    "hotel": {"M": {"rooms": {"N": "2"}}},
}
VALUES: Json = {
    ":x": {"S": "x"},
    ":2": {"N": "2"},
    ":half": {"N": "0.5"},
    ":more": {"L": [{"S": "LH3"}]},
    ":b": {"SS": ["b"]},
    ":c": {"SS": ["c"]},
    ":ab": {"SS": ["a", "b"]},
}
CHANGES: dict[str, Json] = {
    "SET st = :x": {"st": {"S": "x"}},
    "SET a = :x, b = st": {"a": {"S": "x"}, "b": {"S": "DONE"}},
    "SET a = n, n = :2": {"a": {"N": "5"}, "n": {"N": "2"}},
    "SET n = n + :2": {"n": {"N": "7"}},
    "SET n = n - :half": {"n": {"N": "4.5"}},
    "SET n = n - n": {"n": {"N": "0"}},
    "SET n = if_not_exists(n, :2), k = if_not_exists(k, :2)": {"k": {"N": "2"}},
    "SET k = if_not_exists(k, :2) + :2": {"k": {"N": "4"}},
    "SET prev = if_not_exists(st, :x), st = :x": {"prev": {"S": "DONE"}, "st": {"S": "x"}},
    "SET legs = list_append(legs, :more)": {"legs": {"L": [{"S": "LH1"}, {"S": "LH2"}, {"S": "LH3"}]}},
    "SET hotel.rooms = hotel.rooms + :2": {"hotel": {"M": {"rooms": {"N": "4"}}}},
    "SET legs[0] = :x": {"legs": {"L": [{"S": "x"}, {"S": "LH2"}]}},
    "SET legs[9] = :x": {"legs": {"L": [{"S": "LH1"}, {"S": "LH2"}, {"S": "x"}]}},
    "ADD n :2": {"n": {"N": "7"}},
    "ADD k :2": {"k": {"N": "2"}},
    "ADD tags :c": {"tags": {"SS": ["a", "b", "c"]}},
    "DELETE tags :b": {"tags": {"SS": ["a"]}},
    "DELETE tags :ab": {"tags": None},
    "REMOVE st, gone": {"st": None},
    "REMOVE legs[0]": {"legs": {"L": [{"S": "LH2"}]}},
    "REMOVE hotel.rooms": {"hotel": {"M": {}}},
    "SET a = :x REMOVE st ADD n :2": {"a": {"S": "x"}, "st": None, "n": {"N": "7"}},
    "remove st set a = :x": {"a": {"S": "x"}, "st": None},
}


def used(expression: str) -> Json:
    words = expression.replace(",", " ").replace(")", " ").replace("(", " ").split()
    values = {name: value for name, value in VALUES.items() if name in words}
    return {"values": values} if values else {}


def test_an_update_changes_what_it_names_and_nothing_else(backend: Backend) -> None:
    after: dict[str, Json | None] = {}
    for expression in CHANGES:
        backend.put(**ITEM)
        backend.update(expression, **used(expression))
        after[expression] = sorted_sets(backend.item() or {})
    merged = {expression: {**ITEM, **change} for expression, change in CHANGES.items()}
    assert after == {
        expression: {name: value for name, value in item.items() if value} for expression, item in merged.items()
    }


def sorted_sets(item: Json) -> Json:
    """Sets have no order."""
    return {name: {"SS": sorted(value["SS"])} if "SS" in value else value for name, value in item.items()}


def test_an_update_makes_an_item_that_was_not_there(backend: Backend) -> None:
    backend.update("SET a = :x ADD n :2", values={":x": {"S": "x"}, ":2": {"N": "2"}})
    assert backend.item() == {"a": {"S": "x"}, "n": {"N": "2"}}


def test_an_update_returns_the_item_as_it_was_or_as_it_is(backend: Backend) -> None:
    values = {":x": {"S": "x"}}
    assert "Attributes" not in backend.update("SET a = :x", values=values, returns="ALL_OLD")
    backend.update("SET a = :x", values={":x": {"S": "y"}})
    assert backend.update("SET a = :x", values=values, returns="ALL_OLD")["Attributes"]["a"] == {"S": "y"}
    assert backend.update("SET a = :x", values=values, returns="ALL_NEW")["Attributes"]["a"] == {"S": "x"}
    assert "Attributes" not in backend.update("SET a = :x", values=values)


def test_a_refused_update_shows_the_item_when_asked_to(backend: Backend) -> None:
    backend.put(st={"S": "DONE"})
    with pytest.raises(ClientError) as caught:
        backend.update("SET a = :x", values={":x": {"S": "x"}}, condition="attribute_not_exists(st)", shows="ALL_OLD")
    assert reason(caught) == ("ConditionalCheckFailedException", "The conditional request failed")
    assert caught.value.response["Item"]["st"] == {"S": "DONE"}  # pyright: ignore[reportGeneralTypeIssues]
    assert backend.item() == {"st": {"S": "DONE"}}


def test_a_refusal_shows_no_item_unasked_or_where_there_is_none(backend: Backend) -> None:
    for asked in ({}, {"shows": "ALL_OLD"}):
        with pytest.raises(ClientError) as caught:
            backend.update("SET a = :x", values={":x": {"S": "x"}}, condition="attribute_exists(st)", **asked)
        assert not caught.value.response.get("Item")


def test_an_item_is_put_deleted_and_gone(backend: Backend) -> None:
    backend.put(a={"N": "1"})
    backend.put(b={"N": "2"})
    assert backend.item() == {"b": {"N": "2"}}
    backend.client.delete_item(TableName=backend.table, Key={"pk": {"S": "p"}, "sk": {"S": "1"}})
    backend.client.delete_item(TableName=backend.table, Key={"pk": {"S": "p"}, "sk": {"S": "1"}})
    assert backend.item() is None


@differs(moto="it keeps a number's text as it came")
def test_numbers_are_kept_in_their_shortest_form(backend: Backend) -> None:
    given = ["007", "1.50", "-0", "1E+3", "0.0001", "99999999999999999999999999999999999999"]
    backend.put(numbers={"L": [{"N": number} for number in given]})
    expected = ["7", "1.5", "0", "1000", "0.0001", "99999999999999999999999999999999999999"]
    assert backend.item() == {"numbers": {"L": [{"N": number} for number in expected]}}


REFUSED: dict[str, tuple[str, Json]] = {
    "refers to an attribute that does not exist": ("SET a = gone + :2", {":2": {"N": "2"}}),
    "incorrect data type": ("ADD st :2", {":2": {"N": "2"}}),
    "path provided in the update expression is invalid": ("SET gone.deeper = :2", {":2": {"N": "2"}}),
    "part of the key": ("SET sk = :2", {":2": {"S": "2"}}),
    "reserved keyword: ttl": ("SET ttl = :2", {":2": {"N": "2"}}),
    "unused in expressions: keys: {:2}": ("REMOVE a", {":2": {"N": "2"}}),
}
REFUSED_BY_AWS_ALONE: dict[str, tuple[str, Json]] = {
    "overlap": ("SET hotel.rooms = :2 REMOVE hotel", {":2": {"N": "2"}}),
    "Syntax error": ("SET st", {}),
    "not defined; attribute value: :2": ("SET a = :2", {}),
}


@differs(moto="it words mistakes otherwise")
@pytest.mark.parametrize("problem", REFUSED)
def test_an_update_that_makes_no_sense_is_a_validation_error(backend: Backend, problem: str) -> None:
    assert_refused(backend, problem, *REFUSED[problem])


@differs(moto="it notices fewer mistakes", emulator="it notices fewer mistakes")
@pytest.mark.parametrize("problem", REFUSED_BY_AWS_ALONE)
def test_an_update_with_a_mistake_is_a_validation_error(backend: Backend, problem: str) -> None:
    assert_refused(backend, problem, *REFUSED_BY_AWS_ALONE[problem])


def assert_refused(backend: Backend, problem: str, expression: str, values: Json) -> None:
    backend.put(**ITEM)
    with pytest.raises(ClientError) as caught:
        backend.update(expression, **({"values": values} if values else {}))
    code, message = reason(caught)
    assert code == "ValidationException"
    assert problem in message
    assert sorted_sets(backend.item() or {}) == ITEM


BAD_KEYS: dict[str, Json] = {
    "Missing the key sk": {"pk": {"S": "p"}},
    "Type mismatch for key sk expected: S actual: N": {"pk": {"S": "p"}, "sk": {"N": "1"}},
    "empty string": {"pk": {"S": "p"}, "sk": {"S": ""}},
    "2048 bytes": {"pk": {"S": "ü" * 1025}, "sk": {"S": "1"}},
}


@pytest.mark.parametrize("problem", BAD_KEYS)
def test_an_item_needs_its_key(backend: Backend, problem: str) -> None:
    with pytest.raises(ClientError) as caught:
        backend.client.put_item(TableName=backend.table, Item=BAD_KEYS[problem])
    assert reason(caught)[0] == "ValidationException"
    assert problem in reason(caught)[1]


def test_an_item_has_at_most_400_kilobytes(backend: Backend) -> None:
    with pytest.raises(ClientError, match="maximum allowed size"):
        backend.put(a={"S": "x" * 400 * 1024})


def test_a_table_has_to_exist(backend: Backend) -> None:
    with pytest.raises(ClientError) as caught:
        backend.client.put_item(TableName="another", Item={"pk": {"S": "p"}, "sk": {"S": "1"}})
    assert reason(caught)[0] == "ResourceNotFoundException"
