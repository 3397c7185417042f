"""The server side, run by the emulator's own Python: MiniStack with a few patches."""
