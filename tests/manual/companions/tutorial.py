"""The tutorial's hotel is the last step, so no run of the page undoes it."""

from hotels import hotels  # pyright: ignore[reportMissingImports] # the page's

from saga_runtime import Writes
from saga_runtime.envelope import parse
from shop import payload

writes = Writes()
hotels.handlers["cancel_hotel"].run(parse(payload("cancel_hotel", given={"hotel": "Ritz"})), writes)
assert [next(iter(entry)) for entry in writes.entries] == ["Update"]
