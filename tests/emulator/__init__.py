"""The local AWS of this project: MiniStack with a few patches, faults on demand, and the CDK CLI pointed at it.

Programs and tests begin with `emulator.instance.Emulator`, people with `python -m emulator --help`. This file imports
nothing, because the server, which runs in an environment of its own, imports it too.
"""
