"""An outage: what becomes of sagas while something is down for long. `python -m outage`, or `make outage`.

The external provider answers nobody and the hotels' function dies at every call, while sagas of every example and
style are under way, are started, and are given orders. Then both are mended, and the runbook is followed. `plan` says
what is sent and how it has to end, `run` does it, `report` writes the figures; the rest is the soak's.
"""
