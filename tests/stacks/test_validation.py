"""CDK's own rules for templates, run natively: the same findings as in ``cdk synth``, in a tenth of the time."""

import json

from cloudformation_validate import (  # pyright: ignore[reportMissingTypeStubs]
    CompositeEngine,
    Severity,
    TemplateContent,
)

from templates import Json

CDKS_OWN = {"W3005"}  # CDK lets a function depend on its role, which it refers to anyway


def test_no_template_breaks_a_rule(templates: dict[str, Json]) -> None:
    engine = CompositeEngine()
    findings = [
        f"{stack}: {finding.rule_id} {finding.message}"
        for stack, template in templates.items()
        for finding in engine.validate_template(TemplateContent(json.dumps(template), stack)).diagnostics
        if finding.severity is not Severity.INFO and finding.rule_id not in CDKS_OWN
    ]
    assert findings == []
