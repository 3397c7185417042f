"""The providers outside of AWS: one small real HTTP server for all of them, whose moods can be set.

Programs and tests use `server.Provider`; alone it runs as `python -m emulator.provider`. Nothing here is about AWS. The
collections are `bookings` of transfers, `charges` of cards, and `notices` to customers.

    PUT    /{collection}/{key}  {"customer", ...}       201 new, 200 known, 409 refused, 410 cancelled before
    DELETE /{collection}/{key}                          200 cancelled, 404 unknown; a later PUT of that key gets 410
    GET    /{collection}                                200 {"orders": [...]}
    PUT    /behaviour           {"match", "mode", ...}  204; see `provider_modes.Behaviour`
    DELETE /behaviour                                   204; well-behaved again
"""
