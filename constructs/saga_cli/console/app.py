"""The console's addresses, and what each answers."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from cdk_saga import Saga
from saga_cli.console.guard import Forbidden, Guard
from saga_cli.console.operations import OPERATIONS, REDRIVE, Operation
from saga_cli.console.pages import page, saga_page
from saga_cli.console.session import Session
from saga_cli.errors import FAILED, REFUSED, BadRequest
from saga_cli.options import age
from saga_cli.views import UNSEEN
from saga_runtime import BadCommand, client
from saga_runtime.client import OperationRefused, SagaUnknown, words

SCRIPT: Final = Path(__file__).parent / "templates" / "live.js"
LIMIT: Final = 50
"""Sagas of each deployed one in the list; the command line has more."""
SAGA: Final = "/sagas/{stack}/{name}/{id}"
QUEUE: Final = "/queues/{stack}/{name}"


class Console:
    """What answers; :attr:`app` is the ASGI application, and :attr:`root` the path below which its pages are.

    Args:
        sight: AWS.
        definitions: those that pictures can be drawn of.
    """

    def __init__(self, sight: Session, definitions: Sequence[Saga] = ()) -> None:
        self._sight = sight
        self._definitions = definitions
        self._guard = Guard()
        self.root: Final = self._guard.root
        routes = [
            Route("/", self._list),
            Route("/live.js", self._script),
            Route(SAGA, self._saga),
            Route(f"{SAGA}/{{operation}}", self._ask),
            Route(f"{SAGA}/{{operation}}", self._give, methods=["POST"]),
            Route(QUEUE, self._ask_redrive),
            Route(QUEUE, self._redrive, methods=["POST"]),
        ]
        problems: Any = {kind: self._problem(400) for kind in REFUSED} | {kind: self._problem(502) for kind in FAILED}
        problems |= {SagaUnknown: self._problem(404), OperationRefused: self._problem(409)}
        problems |= {Forbidden: self._problem(403), HTTPException: self._http_problem}
        self.app: Final = Starlette(routes=routes, middleware=self._guard.middleware(), exception_handlers=problems)

    def _script(self, _: Request) -> Response:
        return FileResponse(SCRIPT, media_type="text/javascript")

    def _list(self, request: Request) -> Response:
        asked = {name: request.query_params.get(name, "").strip() for name in ("saga", "state", "older")}
        deployed = self._sight.sagas()
        among = [one for one in deployed if asked["saga"] in ("", one.target.name)]
        filters = {"state": asked["state"] or None, "older_than": age(asked["older"], "--older-than") or 0}
        return HTMLResponse(
            self._page(
                "list.html",
                deployed=deployed,
                names=sorted({one.target.name for one in deployed}),
                states=words.STATES,
                asked=asked,
                found=self._sight.listed(among, LIMIT, **filters),
                limit=LIMIT,
                now=time.time(),
            )
        )

    def _saga(self, request: Request) -> Response:
        status = self._status(request)
        given = request.query_params.get("given", "")
        further = {"root": self.root, "here": _address(request, "id"), "given": given if given in OPERATIONS else ""}
        return HTMLResponse(saga_page(self._target(request), status, self._definitions, time.time(), **further))

    def _ask(self, request: Request) -> Response:
        return HTMLResponse(self._question(request, {}))

    def _question(self, request: Request, typed: Mapping[str, str], problem: str = "") -> str:
        values = {"status": self._status(request), "operation": _operation(request), "token": self._guard.token}
        typed = {name: typed.get(name, "") for name in ("step", "reason", "result")}
        return self._page("confirm.html", **values, here=_address(request, "id"), typed=typed, problem=problem)

    async def _give(self, request: Request) -> Response:
        form, operation = await self._guard.form(request), _operation(request)

        def give() -> Response:
            target = self._target(request)
            try:
                operation.send(target, request.path_params["id"], form, self._sight.services())
            except (BadRequest, BadCommand) as error:  # asked again, and what was typed is still there
                return HTMLResponse(self._question(request, form, str(error)), status_code=400)
            return RedirectResponse(f"{_address(request, 'id')}?given={operation.name}", status_code=303)

        return await run_in_threadpool(give)

    def _ask_redrive(self, request: Request) -> Response:
        target = self._target(request)
        dead_letters = client.dead_letters(target, services=self._sight.services())
        values = {"here": _address(request, kind="queues"), "does": REDRIVE, "token": self._guard.token}
        return HTMLResponse(
            self._page("redrive.html", saga=target.name, dead_letters=dead_letters, unseen=UNSEEN, **values)
        )

    async def _redrive(self, request: Request) -> Response:
        await self._guard.form(request)

        def work_off() -> Response:
            target = self._target(request)
            dead_letters = [*client.redrive(target, services=self._sight.services())]
            return HTMLResponse(self._page("dead_letters.html", saga=target.name, dead_letters=dead_letters))

        return await run_in_threadpool(work_off)

    def _problem(self, status: int) -> Callable[[Request, Exception], Response]:
        def answer(_: Request, error: Exception) -> Response:
            return HTMLResponse(self._page("problem.html", text=str(error)), status_code=status)

        return answer

    def _http_problem(self, _: Request, error: HTTPException) -> Response:
        text = "There is no such page." if error.status_code == 404 else error.detail  # noqa: PLR2004 # not found
        return HTMLResponse(self._page("problem.html", text=text), status_code=error.status_code)

    def _page(self, template: str, **values: Any) -> str:
        return page(template, root=self.root, **values)

    def _target(self, request: Request) -> client.Target:
        return self._sight.saga(request.path_params["stack"], request.path_params["name"]).target

    def _status(self, request: Request) -> client.Status:
        return client.status(self._target(request), request.path_params["id"], services=self._sight.services())


def _operation(request: Request) -> Operation:
    if operation := OPERATIONS.get(request.path_params["operation"]):
        return operation
    raise HTTPException(404)


def _address(request: Request, *further: str, kind: str = "sagas") -> str:
    parts = [request.path_params[part] for part in ("stack", "name", *further)]
    return "/".join([request.scope["root_path"], kind, *(quote(part, safe="") for part in parts)])
