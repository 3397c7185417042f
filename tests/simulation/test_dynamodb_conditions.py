"""The contract of simulated DynamoDB: conditions mean here what they mean on AWS."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from simulation.backends import Backend, differs, reason

ITEM: dict[str, Any] = {
    "st": {"S": "DONE"},
    "n": {"N": "5"},
    "yes": {"BOOL": True},
    "tags": {"SS": ["a", "b"]},
    "legs": {"L": [{"S": "LH1"}, {"M": {"city": {"S": "FRA"}}}]},
    "hotel": {"M": {"rooms": {"N": "2"}}},
}
VALUES: dict[str, Any] = {
    ":done": {"S": "DONE"},
    ":other": {"S": "OTHER"},
    ":4": {"N": "4"},
    ":5": {"N": "5.0"},
    ":10": {"N": "10"},
    ":b": {"S": "b"},
    ":fra": {"S": "FRA"},
    ":tags": {"SS": ["b", "a"]},
    ":prefix": {"S": "DO"},
    ":map": {"S": "M"},
    ":true": {"BOOL": True},
}

HOLD = [
    "st = :done",
    "n = :5",
    "n > :4",
    "n < :10",
    "n >= :5 AND n <= :5",
    "n <> :4",
    "st <> :other",
    "absent <> :done",
    "n <> :done",
    "st BETWEEN :done AND :other",
    "n BETWEEN :4 AND :10",
    "st IN (:other, :done)",
    "tags = :tags",
    "yes = :true",
    "attribute_exists(st)",
    "attribute_exists(hotel.rooms)",
    "attribute_exists(legs[1].city)",
    "attribute_not_exists(absent)",
    "attribute_not_exists(legs[2])",
    "attribute_not_exists(st.deeper)",
    "legs[1].city = :fra",
    "begins_with(st, :prefix)",
    "contains(st, :prefix)",
    "contains(tags, :b)",
    "attribute_type(hotel, :map)",
    "size(st) = :4",
    "size(legs) < :4",
    "NOT st = :other",
    "NOT (st = :other OR n = :4)",
    "st = :other OR n = :5 AND st = :done",
    "(st = :done OR st = :other) AND n = :5",
    "st = :done OR st = :other AND n = :4",
    "attribute_not_exists(absent) and st = :done",
    ":4 < n",
]
FAIL = [
    "st = :other",
    "n = :done",
    "absent = :done",
    "absent < :10",
    "st < :10",
    "n < :4",
    "n BETWEEN :10 AND :10",
    "st IN (:other, :5)",
    "attribute_exists(absent)",
    "attribute_not_exists(hotel.rooms)",
    "begins_with(absent, :prefix)",
    "contains(tags, :prefix)",
    "attribute_type(st, :map)",
    "size(absent) < :10",
    "NOT st = :done",
    "NOT st = :other AND n = :4",
    "(st = :done OR st = :other) AND n = :4",
]


def used(condition: str) -> dict[str, Any]:
    words = condition.replace("(", " ").replace(")", " ").replace(",", " ").split()
    values = {name: value for name, value in VALUES.items() if name in words}
    return {"values": values} if values else {}


def test_conditions_hold_and_fail_as_they_should(backend: Backend) -> None:
    backend.put(**ITEM)
    expected = dict.fromkeys(HOLD, True) | dict.fromkeys(FAIL, False)
    assert {text: backend.meets(text, **used(text)) for text in expected} == expected


def test_a_condition_on_no_item_finds_no_attribute(backend: Backend) -> None:
    assert backend.meets("attribute_not_exists(pk)")
    assert not backend.meets("attribute_exists(pk)")
    assert not backend.meets("st = :done", values={":done": {"S": "DONE"}})


def test_a_name_may_stand_behind_a_placeholder(backend: Backend) -> None:
    backend.put(status={"S": "x"}, hotel={"M": {"a.b": {"N": "1"}}})
    assert backend.meets("#s = :x", names={"#s": "status"}, values={":x": {"S": "x"}})
    assert backend.meets("attribute_exists(hotel.#ab)", names={"#ab": "a.b"})


@differs(moto="it notices fewer mistakes, and reports some as failed conditions or errors of its own")
@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        ({"condition": "st = :missing"}, ":missing"),
        ({"condition": "#st = :x", "values": {":x": {"S": ""}}}, "#st"),
        ({"condition": "attribute_exists(st)", "values": {":x": {"S": ""}}}, "unused in expressions: keys: {:x}"),
        ({"condition": "attribute_exists(st)", "names": {"#x": "st"}}, "unused in expressions: keys: {#x}"),
        ({"condition": "status = :x", "values": {":x": {"S": ""}}}, "reserved keyword"),
        ({"condition": "st == :x", "values": {":x": {"S": ""}}}, "Syntax error"),
        ({"condition": "st = :x AND", "values": {":x": {"S": ""}}}, "Syntax error"),
        ({"condition": "(st = :x", "values": {":x": {"S": ""}}}, "Syntax error"),
        ({"condition": ""}, "can not be empty"),
    ],
)
def test_a_condition_that_makes_no_sense_is_a_validation_error(
    backend: Backend, request_: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ClientError) as caught:
        backend.update("SET a = :a", **{**request_, "values": {**request_.get("values", {}), ":a": {"N": "1"}}})
    code, message = reason(caught)
    assert code == "ValidationException"
    assert problem in message
