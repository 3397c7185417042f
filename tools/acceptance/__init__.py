"""The demo's cases in an environment that is deployed to AWS. `make e2e ENV=dev`.

Those that need no fault of the environment and no provider: `Case.anywhere`. `account` is where they run; judge and
report are the demo's.
"""
