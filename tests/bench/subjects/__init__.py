"""The subjects, in the order of the page."""

from types import ModuleType
from typing import Final

from bench.subjects import cold_start, growth, invocation, outage, requests, synth, throughput

SUBJECTS: Final[dict[str, ModuleType]] = {
    "requests": requests,
    "synth": synth,
    "cold_start": cold_start,
    "invocation": invocation,
    "throughput": throughput,
    "growth": growth,
    "outage": outage,
}
