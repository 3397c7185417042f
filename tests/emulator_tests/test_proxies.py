"""A proxy of the user's is not asked for what is on this machine."""

import urllib.request
from pathlib import Path

import pytest
from botocore.utils import get_environ_proxies

from emulator.instance import Emulator

PROXY = "http://proxy.example:3128"


@pytest.mark.parametrize("own", [{}, {"NO_PROXY": "corp.example"}, {"no_proxy": "corp.example,127.0.0.1"}], ids=str)
def test_the_variables_lead_past_the_proxy(own: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**own, "http_proxy": PROXY}.items():
        monkeypatch.setenv(name, value)
    emulator = Emulator(port=4566, state=Path("nowhere"))
    assert get_environ_proxies(emulator.endpoint).get("http") == (None if "127.0.0.1" in str(own) else PROXY)
    for name, value in emulator.environment().items():
        monkeypatch.setenv(name, value)
    assert get_environ_proxies(emulator.endpoint) == {}
    assert get_environ_proxies("http://elsewhere.example")["http"] == PROXY
    if own:
        assert urllib.request.proxy_bypass("corp.example")
