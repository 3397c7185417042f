"""Those whom steps ask that wait for an answer."""

from collections.abc import Iterable
from functools import partial

from cdk_saga.testing.operations import ControlOperation
from cdk_saga.testing.world import ORDER_REPETITIONS, World


class Callbacks:
    """Answer each waiting step, some time later: perhaps twice, perhaps yes and no, perhaps too late."""

    def __init__(self) -> None:
        self._world: World
        self._heard: set[str] = set()
        self.asked: set[str] = set()

    def begin(self, world: World) -> None:
        """A run begins, in which no step waits yet."""
        self._world, self._heard, self.asked = world, set(), set()

    def ask(self, step: str, answers: Iterable[ControlOperation], repetitions: int = ORDER_REPETITIONS) -> None:
        """Ask on behalf of a step, whose function may have died before it knew: then it asks again.

        Args:
            step: who asks.
            answers: what it is told; ``after`` counts from now. Nothing, once one of its answers has been taken.
            repetitions: how often an answer is repeated at which recovery has died.
        """
        self.asked.add(step)
        if step not in self._heard:
            for answer in answers:
                heard = partial(self._heard.add, step)
                operation = partial(self._world.operate, answer.payload, heard, repetitions)
                self._world.clock.after(answer.after, operation)
