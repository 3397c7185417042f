"""The manual's pictures: ``python -m manual.pictures`` draws them anew."""

from typing import Final

from cdk_saga.plan import compile_saga
from cdk_saga.render import svg
from manual.pages import DOCS
from stacks.business_trip import business_trip
from stacks.order import order
from stacks.trip import trip

STYLES: Final = ("orchestrated", "choreographed")


def drawn() -> dict[str, str]:
    """Each picture by its file's name."""
    plans = {saga.name: compile_saga(saga) for saga in (trip, order, business_trip)}
    return {f"{name}-{style}.svg": svg(plan, style=style) for name, plan in plans.items() for style in STYLES}


def main() -> None:
    """Write all of them."""
    for name, picture in drawn().items():
        (DOCS / "pictures" / name).write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
