from emulator.pytest_fixtures import running_emulator

__all__ = ["running_emulator"]
