"""A plan as a picture, in words that a reader of the definition knows: Mermaid for GitHub, SVG for anywhere.

Two views of the same plan: ``orchestrated`` shows forward execution and compensation, ``choreographed`` who reacts to
what.
"""

from collections.abc import Callable
from typing import Final

from cdk_saga.plan import Plan
from cdk_saga.render.pictures.flow import flow
from cdk_saga.render.pictures.mermaid import mermaid_flow, mermaid_reactions
from cdk_saga.render.pictures.who_reacts import who_reacts

ORCHESTRATED: Final = "orchestrated"
CHOREOGRAPHED: Final = "choreographed"
PICTURES: Final[dict[tuple[str, str], Callable[[Plan], str]]] = {
    ("mermaid", ORCHESTRATED): mermaid_flow,
    ("mermaid", CHOREOGRAPHED): mermaid_reactions,
    ("svg", ORCHESTRATED): flow,
    ("svg", CHOREOGRAPHED): who_reacts,
}
"""What draws a plan, by format and style."""


def mermaid(plan: Plan, *, style: str = ORCHESTRATED) -> str:
    """Render ``plan`` as a Mermaid flowchart, which GitHub shows in a README and a pull request.

    Args:
        plan: the compiled saga.
        style: ``orchestrated``, forward execution in solid arrows and compensation in dotted ones; or
            ``choreographed``, events, the queues they lead to, and the participants that act on them.

    Raises:
        KeyError: another style.
    """
    return PICTURES["mermaid", style](plan)


def svg(plan: Plan, *, style: str = ORCHESTRATED) -> str:
    """Render ``plan`` as one self-contained SVG, light or dark like the reader's is; parameters of :func:`mermaid`.

    Each task is a group of class ``task`` whose ``data-task`` is ``<step>.<operation>``, so that a page can highlight
    it.
    """
    return PICTURES["svg", style](plan)
