"""The rollout: deployments in a row under load, from the first saga to the last check."""

import functools
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from demo.choreographed import WAITING
from emulator import cdk
from emulator.instance import Emulator
from emulator.waiting import wait_until
from rollout.app import RELEASES, STACK, STYLES, Release, named, synthesize
from rollout.judge import Facts, judge
from rollout.load import Load
from rollout.plan import Planned, sagas
from saga_runtime.client import Target, list_sagas
from saga_runtime.ledger import SagaState
from saga_runtime.services import Services
from soak.checks import Wrong
from soak.event_recorder import ENDINGS, EventRecorder
from soak.inventory import rows_of, sagas_in

PAUSE: Final = 10.0
"""Seconds of load before and after each deployment."""
DRAINED: Final = 300.0
"""Seconds after which a definition that is not drained hangs."""
ENDED: Final = 180.0
"""Seconds after the last start in which all have to end."""
QUIET: Final = 300.0
"""Seconds after that in which queues have to be empty: the timers of waiting steps are hidden until they are due."""
WORKERS: Final = 4
MAX_STORIES: Final = 10
Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """What happened around one deployment.

    Attributes:
        release: what was deployed.
        begun: when it began, in seconds since the epoch.
        ended: when it ended.
        under_way: sagas under way when it began.
        started: sagas started while it lasted.
    """

    release: Release
    begun: float
    ended: float
    under_way: int
    started: int


@dataclass(kw_only=True)
class Outcome:
    """What came of it.

    Attributes:
        begun: every saga that was started, and when.
        states: how the ledger has each of them at the end.
        rows: how many rows each release wrote that are there.
        counts: calls of starters and operators.
        deployments: one by one, without the first.
        seconds: until all had ended.
        wrong: what is not as it should be.
        stories: everything about the first sagas with something wrong.
    """

    begun: dict[Planned, float]
    states: dict[tuple[str, str], SagaState]
    rows: Counter[str] = field(default_factory=Counter[str])
    counts: Counter[str] = field(default_factory=Counter[str])
    deployments: list[Deployed] = field(default_factory=list[Deployed])
    seconds: float = 0.0
    wrong: list[Wrong] = field(default_factory=list[Wrong])
    stories: list[str] = field(default_factory=list[str])


class Rollout:
    """The stack on the local AWS.

    Args:
        emulator: the local AWS.
        folder: for assemblies.
        say: told how it goes.
    """

    def __init__(self, emulator: Emulator, folder: Path, say: Say) -> None:
        self.emulator, self.say = emulator, say
        self.client: Callable[[str], Any] = functools.cache(emulator.client)
        self.assemblies = [synthesize(folder / str(number), one) for number, one in enumerate(RELEASES)]
        self.begun = time.monotonic()
        cdk.bootstrap(emulator)
        self.outputs = self.deploy(0)
        targets = [Target(**json.loads(text)) for name, text in self.outputs.items() if name.endswith("Start")]
        self.targets = {target.name: target for target in targets}

    def deploy(self, number: int) -> dict[str, str]:
        """Deploy a release with the CDK CLI; returns the stack's outputs."""
        return cdk.deploy(self.emulator, STACK, app=self.assemblies[number])[STACK]

    def wait_until_drained(self, release: Release) -> None:
        """Wait until no saga is under way of the definition that ``release`` drops, as the manual says."""
        services = Services(client=self.client)

        def is_drained() -> bool:
            versions = {style: named(release.drops, style).version for style in STYLES} if release.drops else {}
            return not any(
                list(list_sagas(target, version=versions[target.style], state="UNFINISHED", services=services))
                for target in self.targets.values()
            )

        if release.drops:
            wait_until(is_drained, what=f"the end of the sagas of {release.drops.version}", timeout=DRAINED, interval=1)

    def facts(self, recorder: EventRecorder) -> Facts:
        """Everything there is."""
        dynamodb, states = self.client("dynamodb"), self.client("stepfunctions")
        heard = {key: [one.what for one in found if one.what in ENDINGS] for key, found in recorder.heard.items()}
        return Facts(
            states=sagas_in(dynamodb, self.outputs["LedgerName"]),
            rows={row["pk"]: row["release"] for row in rows_of(dynamodb, self.outputs["TableName"])},
            heard=heard,
            waiting=dict(self.waiting()),
            running=[
                execution["name"]
                for machine in states.list_state_machines()["stateMachines"]
                for execution in states.list_executions(
                    stateMachineArn=machine["stateMachineArn"], statusFilter="RUNNING"
                )["executions"]
            ],
        )

    def waiting(self) -> Iterator[tuple[str, int]]:
        """How many messages each queue holds."""
        sqs = self.client("sqs")
        for url in sqs.list_queues().get("QueueUrls", ()):
            found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(WAITING))["Attributes"]
            yield url.rpartition("/")[2], sum(int(found[name]) for name in WAITING)


def rollout(folder: Path, seconds: float, seed: int, say: Say) -> Outcome:
    """Deploy, start a saga in each style every so many seconds, deploy again and again, and judge."""
    with Emulator.start(state=folder / "emulator", workers=WORKERS) as emulator:
        scene = Rollout(emulator, folder, say)
        recorder = EventRecorder(scene.client, scene.outputs["BusName"])
        load = Load(scene.client, scene.targets, sagas(tuple(scene.targets), seed), seconds)
        outcome = Outcome(begun=load.begun, states={}, counts=load.counts)
        for number in range(1, len(RELEASES)):
            outcome.deployments.append(_deploy(scene, load, recorder, number))
        time.sleep(PAUSE)
        load.finish()
        _judge(scene, recorder, outcome)
        return outcome


def _deploy(scene: Rollout, load: Load, recorder: EventRecorder, number: int) -> Deployed:
    release = RELEASES[number]
    time.sleep(PAUSE)
    scene.wait_until_drained(release)
    before, ended = dict(load.begun), set(recorder.ended)
    begun = time.time()
    scene.deploy(number)
    done = Deployed(
        release=release,
        begun=begun,
        ended=time.time(),
        under_way=sum(saga.key not in ended for saga in before),
        started=len(load.begun) - len(before),
    )
    scene.say(f"{release.what}: {done.ended - begun:.1f} s, {done.under_way} under way, {done.started} started")
    return done


def _judge(scene: Rollout, recorder: EventRecorder, outcome: Outcome) -> None:
    table, keys = scene.outputs["LedgerName"], [saga.key for saga in outcome.begun]

    def have_ended() -> bool:
        states = sagas_in(scene.client("dynamodb"), table)
        return all(key in states and states[key].ended for key in keys)

    with suppress(TimeoutError):  # the judge says which have not
        wait_until(have_ended, what="every ending", timeout=ENDED, interval=1)
    outcome.seconds = time.monotonic() - scene.begun
    with suppress(TimeoutError):  # and which queues are not empty
        wait_until(lambda: not any(dict(scene.waiting()).values()), what="empty queues", timeout=QUIET, interval=1)
    recorder.stop()
    facts = scene.facts(recorder)
    outcome.states, outcome.rows = dict(facts.states), Counter(facts.rows.values())
    steps = {
        saga.version: [step.name for step in saga.all_steps]
        for release in RELEASES
        for style in STYLES
        for saga in (named(release.saga, style),)
    }
    outcome.wrong = list(judge(outcome.begun, steps, facts))
    outcome.stories = list(_stories(outcome, facts))


def _stories(outcome: Outcome, facts: Facts) -> Iterator[str]:
    kinds = {saga.key: saga.kind.what for saga in outcome.begun}
    for number, one in enumerate(outcome.wrong):
        yield f"{' '.join(one.saga or ())}: {one.what}"
        if one.saga and number < MAX_STORIES:
            state = facts.states.get(one.saga, SagaState({}, {}))
            yield f"  {kinds.get(one.saga)}; published {facts.heard.get(one.saga)}"
            yield from (f"  {name} {item}" for name, item in {"META": state.meta, **state.steps}.items())
