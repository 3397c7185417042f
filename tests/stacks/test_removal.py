"""No stack keeps a saga's stack from being deleted: an export that another stack imports would."""

import json

from templates import Json

IMPORT = "Fn::ImportValue"


def test_no_stack_exports_anything_of_a_saga(templates: dict[str, Json]) -> None:
    for name, template in templates.items():
        if name.endswith(("Orchestrated", "Choreographed")):
            assert not [id for id, output in template["Outputs"].items() if "Export" in output], name


def test_the_dashboard_imports_nothing(templates: dict[str, Json]) -> None:
    operations = [template for name, template in templates.items() if name.endswith("-Operations")]
    assert operations
    assert not [template for template in operations if IMPORT in json.dumps(template)]


def test_what_carries_a_saga_cannot_be_deleted_before_it(templates: dict[str, Json]) -> None:
    for name, template in templates.items():
        if name.endswith(("Orchestrated", "Choreographed")):
            assert IMPORT in json.dumps(template), name
