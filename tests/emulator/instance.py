"""The local AWS as an object: start it, talk to it, reset it."""

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import boto3
import botocore.session
from botocore.config import Config

from emulator import process
from emulator.faults import Faults
from emulator.settings import HOST, ServerSettings

if TYPE_CHECKING:
    import subprocess

REGION = "us-east-1"
ACCOUNT = "000000000000"


def _past_proxies() -> str:
    """The hosts that no proxy is asked for: the user's own, and this machine."""
    own = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    return ",".join(dict.fromkeys([*filter(None, own.split(",")), HOST]))


class Emulator:
    """A running MiniStack, in which the project's stacks can be deployed.

        with Emulator.start() as emulator:
            emulator.client("dynamodb").list_tables()

    Use `start`, or `background.attach` for the one that `python -m emulator up` keeps running.
    """

    def __init__(self, *, port: int, state: Path, temporary: bool = False) -> None:
        """Talk to the server on a port; `state` is the folder of its log and of what the CDK CLI writes."""
        self.port = port
        self.state = state
        self.endpoint = f"http://{HOST}:{port}"
        self.faults = Faults(state / "faults")
        self._server: subprocess.Popen[bytes] | None = None
        self._temporary = temporary

    @classmethod
    def start(
        cls,
        *,
        port: int = 0,
        wait_scale: float = 1.0,
        redelivery: float | None = None,
        workers: int | None = None,
        state: Path | None = None,
    ) -> Self:
        """Start a server that ends with this process at the latest.

        Args:
            port: the TCP port on the loopback address; 0 for any free one.
            wait_scale: factor on the waits and retry intervals of Step Functions; 0 skips them. Leases and visibility
                time-outs pass in real time all the same.
            redelivery: seconds after which the messages of a failed call are visible again at the latest; None for
                their visibility time-out, as on AWS.
            workers: worker processes a function may have; None for the number of processors, and two at least.
            state: the folder for log and temporary files; None for a new one that `stop` removes.

        Raises:
            EmulatorError: if the emulator's Python is missing, the port is taken or the server does not come up.
        """
        port = port or process.free_port()
        process.check(port)
        folder = state or Path(tempfile.mkdtemp(prefix="emulator-"))
        emulator = cls(port=port, state=folder, temporary=state is None)
        settings = emulator.settings(wait_scale=wait_scale, redelivery=redelivery, workers=workers)
        emulator._server = process.start(settings)
        return emulator

    def settings(self, *, wait_scale: float, redelivery: float | None, workers: int | None = None) -> ServerSettings:
        """The settings of a server for this emulator's port and folder; see `start`."""
        return ServerSettings(
            port=self.port,
            state=self.state.resolve(),
            temporary=self._temporary,
            faults=self.faults.path,
            wait_scale=wait_scale,
            redelivery=redelivery,
            workers=workers or max(2, os.cpu_count() or 1),
        )

    @property
    def log_path(self) -> Path:
        """The server's log, with what the Lambda functions print."""
        return self.state / "server.log"

    def environment(self) -> dict[str, str]:
        """Variables that lead the CDK CLI and boto3 here, and away from the user's own AWS settings and proxy."""
        return {
            **dict.fromkeys(("NO_PROXY", "no_proxy"), _past_proxies()),  # where both are set, Python reads the lower
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "CDK_DEFAULT_ACCOUNT": ACCOUNT,
            "CDK_DEFAULT_REGION": REGION,
        }

    def client(self, service: str) -> Any:
        """A boto3 client of a service, such as `dynamodb`."""
        return self._session.client(service, endpoint_url=self.endpoint, config=Config(proxies={}))

    @cached_property
    def _session(self) -> Any:
        # Neither a profile nor a file of the user's decides anything here.
        session = botocore.session.Session(session_vars={"profile": (None, None, None, None)})
        session.set_config_variable("config_file", os.devnull)
        session.set_config_variable("credentials_file", os.devnull)
        return boto3.Session(
            botocore_session=session,
            region_name=REGION,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="local",
        )

    def reset(self) -> None:
        """Forget everything that was deployed or stored, and all faults."""
        self.faults.clear()
        process.request(self.port, "POST", "/_ministack/reset")

    def kill_workers(self, choose: Callable[[Sequence[str]], str]) -> tuple[str, int]:
        """Kill every worker process of one function, whatever it is doing; its next call starts a new one.

        Args:
            choose: picks the function, of those that have workers.

        Returns:
            The function's name and how many processes were killed; nothing of a server that this process did not start.
        """
        found = process.workers(self._server.pid) if self._server else {}
        if not found:
            return "", 0
        function = choose(sorted(found))
        for pid in found[function]:
            process.kill_worker(pid)
        return function, len(found[function])

    def stop(self) -> None:
        """End the server and its workers; does nothing for an emulator this process did not start."""
        if self._server is None:
            return
        process.stop(self._server)
        self._server = None
        if self._temporary:
            shutil.rmtree(self.state, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
