"""What a server is started with, and the environment that makes of it."""

import os
from dataclasses import dataclass
from pathlib import Path

from emulator.paths import TESTS

HOST = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class ServerSettings:
    """What a server is started with.

    Args:
        port: the TCP port on the loopback address.
        state: the folder for the log and temporary files.
        temporary: remove the folder at the end.
        faults: the file that holds the faults to inject.
        wait_scale: factor on the waits and retry intervals of Step Functions; 0 skips them. Leases and SQS visibility
            time-outs pass in real time whatever it is.
        redelivery: seconds after which the messages of a failed call are visible again, if their visibility time-out
            has not passed by then; None for AWS's behaviour.
        workers: worker processes a function may have; further calls wait.
    """

    port: int
    state: Path
    temporary: bool
    faults: Path
    wait_scale: float
    redelivery: float | None
    workers: int

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.state / "server.log"

    def environment(self) -> dict[str, str]:
        """The whole environment of the server, nothing inherited: handlers see most of it, so it has to be clean."""
        environment = {
            "PATH": os.defpath,
            "HOME": str(self.state),
            "TMPDIR": str(self.state / "tmp"),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(TESTS),
            "PYTHONUNBUFFERED": "1",
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": HOST,
            "MINISTACK_HOST": HOST,
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "DOCKER_HOST": f"unix://{self.state}/no-docker",
            "LAMBDA_ACCOUNT_CONCURRENCY": "1000",
            "SFN_WAIT_SCALE": f"{self.wait_scale:g}",
            "AUTH": "true",  # a Lambda function may do what its execution role allows
            "AWS_EC2_METADATA_DISABLED": "true",
            "EMULATOR_WORKERS": str(self.workers),
            "EMULATOR_FAULTS": str(self.faults),
        }
        if self.redelivery is not None:
            environment["EMULATOR_REDELIVERY"] = f"{self.redelivery:g}"
        if self.temporary:
            environment["EMULATOR_REMOVE"] = str(self.state)
        return environment
