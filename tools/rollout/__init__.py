"""Deployments in a row under load: `python -m rollout`, or `make rollout`.

Sagas of one definition start in both styles, several a second, while another definition, other code and a rollback are
deployed around them by the CDK command line. `app` is what is deployed, `plan` what is started, `load` starts it, `run`
deploys meanwhile, `judge` compares ledger, rows and events at the end, `report` writes the figures.
"""
