"""Verify an environment that is deployed: what AWS says of it, compared with the plans. `make verify ENV=dev`.

`states` asks `TestState` and `ValidateStateMachineDefinition`, `rules` asks `TestEventPattern`, `permissions` asks
`SimulatePrincipalPolicy`. None of these calls changes anything. `account` finds what is deployed.
"""
