"""The demo: sagas in both styles on the local AWS, most of them in trouble. `python -m demo`, or `make demo`.

`cases` says what is sent and how it has to end, `deployment` where, `styles` how one style is started and watched,
`runner` runs every case in both, `results` judges, `report` shows. The end-to-end tests run the same cases.
"""
