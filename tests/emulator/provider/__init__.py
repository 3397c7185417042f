"""A provider of transfers outside of AWS: a small real HTTP server whose moods can be set.

Programs and tests use `server.Provider`; alone it runs as `python -m emulator.provider`. Nothing here is about AWS.

    PUT    /bookings/{key}  {"customer", "pickup"}  201 new, 200 known, 409 none available, 410 cancelled before
    DELETE /bookings/{key}                          200 cancelled, 404 unknown; a later PUT of that key gets 410
    GET    /bookings                                200 {"bookings": [...]}
    PUT    /behaviour       {"match", "mode", ...}  204; see `moods.Behaviour`
    DELETE /behaviour                               204; well-behaved again
"""
