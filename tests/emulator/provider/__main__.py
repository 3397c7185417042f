"""`python -m emulator.provider`: the providers as a process of their own, until Ctrl-C."""

import argparse
import contextlib

from emulator.provider.server import Provider

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m emulator.provider", description="The external providers.")
    parser.add_argument("--port", type=int, default=0, help="on the loopback address; any free one by default")
    with Provider.start(parser.parse_args().port) as provider, contextlib.suppress(KeyboardInterrupt):
        print(provider.url, flush=True)
        provider.join()
