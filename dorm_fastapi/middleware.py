"""A transaction per request, committed before the client hears of success.

Pure ASGI, in one task: what the application sets in its context stays visible, and nothing is queued.  The scope of a
request is a cell in the context: the first statement of a request that may write opens a transaction in it.  When the
application sends the status line, the transaction is ended first, and the cell is empty from then on: streaming
bodies and background tasks run in autocommit.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, Literal

from dorm.contrib.rest.problems import MEDIA_TYPE, Problem, internal_error, problem_for
from dorm.db.scope import RequestScope
from dorm.exceptions import IntegrityError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable, MutableMapping

    Message = MutableMapping[str, Any]
    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]

Atomic = Literal["writes", "all", "off"]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "QUERY"})
"""Methods that change nothing (RFC 9110, 9.2.1)."""

HEALTH_PATHS = ("/livez", "/readyz", "/healthz", "/metrics")

_log = logging.getLogger("dorm.requests")


def succeeded(status: int) -> bool:
    """Whether a response of this status commits."""
    return status < 400


class Abandoned(BaseException):
    """Ends an application whose response was replaced: it must not go on to its background tasks.

    Not an ``Exception``: nothing on its way out should take it for an error of the application.
    """


class DormMiddleware:
    """One transaction per request and database.

    *atomic*: ``"writes"`` opens one for methods that may write, ``"all"`` for all, ``"off"`` never.  *using* limits it
    to some aliases; *commit_if* says which statuses commit; requests to the paths in *exclude* pass through.
    """

    def __init__(
        self,
        app: App,
        *,
        atomic: Atomic = "writes",
        using: Collection[str] | None = None,
        commit_if: Callable[[int], bool] = succeeded,
        exclude: Collection[str] = HEALTH_PATHS,
    ) -> None:
        if isinstance(using, str) or isinstance(exclude, str):
            raise TypeError("DormMiddleware: using and exclude are collections of names, not one text.")
        RequestScope(atomic)  # refuses a wrong mode here rather than at the first request
        self.app = app
        self.atomic: Atomic = atomic
        self.using = using
        self.commit_if = commit_if
        self.exclude = frozenset(exclude)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self.exclude:
            await self.app(scope, receive, send)
            return
        unsafe = scope["method"] not in SAFE_METHODS
        async with RequestScope(self.atomic, self.using, unsafe=unsafe) as request:
            gate = _Gate(request, scope, send, self.commit_if)
            try:
                await self.app(scope, receive, gate.send)
            except BaseException as error:
                if not gate.replaced or not _is_abandoned(error):
                    raise


class _Gate:
    """What the application sends goes through here; the status line waits for the transaction."""

    def __init__(self, request: RequestScope, scope: Scope, send: Send, commit_if: Callable[[int], bool]) -> None:
        self.request = request
        self.scope = scope
        self.forward = send
        self.commit_if = commit_if
        self.started = False
        self.replaced = False

    async def send(self, message: Message) -> None:
        if self.replaced:
            raise Abandoned
        if self.started or message["type"] != "http.response.start":
            await self.forward(message)
            return
        self.started = True
        problem = await self._end(message["status"])
        if problem is None:
            await self.forward(message)
            return
        self.replaced = True
        await self._answer(problem, message.get("headers", ()))
        raise Abandoned

    async def _end(self, status: int) -> Problem | None:
        """End the transaction as *status* demands; the problem to answer with instead, if it did not commit."""
        if not self.commit_if(status):
            await self._roll_back()
            return None
        try:
            await self.request.commit()
        except Exception as error:  # noqa: BLE001 - whatever it is, the client is told that nothing was done
            notes = " ".join(getattr(error, "__notes__", ()))
            where = f"{self.scope['method']} {self.scope['path']}"
            if "The transaction is committed" in notes:
                _log.exception("An on_commit hook of %s failed; the request is committed", where)
                return None
            _log.exception("The commit of %s failed", where)
            if "Already committed" in notes:  # in part: to try again would apply that part twice
                return internal_error()
            problem = problem_for(error, method=self.scope["method"]) or internal_error()
            # A constraint that is checked at the end is a conflict with what others did meanwhile.
            return problem._replace(status=409) if isinstance(error, IntegrityError) else problem
        return None

    async def _roll_back(self) -> None:
        try:
            await self.request.rollback()
        except Exception:  # noqa: BLE001 - logged
            # The server undoes what was not committed; the client is told what the application says.
            _log.exception("The rollback of %s %s failed", self.scope["method"], self.scope["path"])

    async def _answer(self, problem: Problem, replaced: Iterable[tuple[bytes, bytes]]) -> None:
        body = json.dumps(problem.body(self.scope["path"])).encode()
        headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
        # Without these a browser would not show a script from elsewhere what happened.
        headers += [(name, value) for name, value in replaced if _is_about_origin(name.lower())]
        headers += [(name.lower().encode(), value.encode()) for name, value in problem.headers.items()]
        await self.forward({"type": "http.response.start", "status": problem.status, "headers": headers})
        sent = b"" if self.scope["method"] == "HEAD" else body
        await self.forward({"type": "http.response.body", "body": sent, "more_body": False})


def _is_about_origin(name: bytes) -> bool:
    return name == b"vary" or name.startswith(b"access-control-")


def _is_abandoned(error: BaseException) -> bool:
    """Whether *error* is our own, alone or in the groups that task groups make of it."""
    inner: tuple[BaseException, ...] | None = getattr(error, "exceptions", None)
    return isinstance(error, Abandoned) if inner is None else all(_is_abandoned(each) for each in inner)
