"""The soak: thousands of sagas on the local AWS, most of them in trouble. `python -m soak`, or `make soak`.

`plan` draws what is sent and what goes wrong for each, `customers` send it, `chaos` do harm to nobody in particular,
`operator` does what the runbook says, `recorder` hears what is told. When all is quiet `inventory` reads every table
once, `checks` judges, `story` tells everything about a saga that is not as it should be, and `report` writes the
figures.
"""
