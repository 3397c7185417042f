"""The demo: sagas in both styles on the local AWS, most of them in trouble. `python -m demo`, or `make demo`.

`trip`, `order` and `business_trip` say what is sent and how it has to end, `deployment` where, `orchestrated` and
`choreographed` how a style is watched, `runner` runs every case in both, `results` judges, `report` shows. The
end-to-end tests run the same cases.
"""
