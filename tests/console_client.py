"""A browser's requests to a console, by the paths below its secret one."""

from typing import Any, Final

from starlette.testclient import TestClient

from saga_cli.console.app import Console

HOST: Final = "http://127.0.0.1:8000"


class ConsoleClient(TestClient):
    """Asks the pages of one console; addresses that its pages have made are asked for as they are."""

    def __init__(self, console: Console) -> None:
        super().__init__(console.app, base_url=HOST, follow_redirects=False)
        self.root = console.root

    def request(self, method: str, url: Any, **options: Any) -> Any:
        """Ask."""
        path = str(url)
        return super().request(method, path if path.startswith(self.root) else f"{self.root}{path}", **options)
