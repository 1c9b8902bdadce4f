"""``CRUDRouter(Model)``: list, create, read, update and delete, strict about what comes in.

Every route is asynchronous and runs in the request's transaction when there is one.  Errors are problem documents,
with or without :class:`~dorm_fastapi.wiring.Dorm`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, TypeVar
from urllib.parse import quote

from pydantic_core import MISSING

from dorm.contrib.pydantic.columns import column_type
from dorm.contrib.rest.names import names_for, options_of
from dorm.contrib.rest.pagination import LimitOffset, links, page_schema
from dorm.contrib.rest.problems import ProblemError, documented, not_found, plain, related_missing
from dorm.contrib.rest.schemas import schemas_for
from dorm.exceptions import DatabaseError, ImproperlyConfigured
from dorm.hints import did_you_mean
from dorm_fastapi.endpoints import METHODS, endpoint
from dorm_fastapi.errors import problem_response
from dorm_fastapi.needs import needed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from fastapi import APIRouter, Query, Request, params
    from pydantic import BaseModel
    from starlette.responses import Response

    from dorm.models import Model, QuerySet
    from dorm_fastapi.routes import ProblemRoute
else:
    APIRouter = needed("fastapi").APIRouter
    Query = needed("fastapi").Query
    Request = needed("fastapi").Request
    Response = needed("starlette.responses").Response
    ProblemRoute = needed("dorm_fastapi.routes").ProblemRoute
    Model = needed("dorm.models").Model

M = TypeVar("M", bound=Model)

Operation = Literal["list", "create", "retrieve", "update", "delete"]
OPERATIONS: tuple[Operation, ...] = ("list", "create", "retrieve", "update", "delete")
"""What a router offers unless told otherwise."""
PAGES = LimitOffset()


class CRUDRouter(APIRouter, Generic[M]):
    """The routes of *model*: ``app.include_router(CRUDRouter(Author))``.

    *fields*, *exclude* and *read_only* shape the generated schemas; *schema*, *create_schema* and *update_schema*
    replace them.  *operations* chooses among ``list``, ``create``, ``retrieve``, ``update`` and ``delete``.  A subclass
    may override ``get_queryset`` and the ``perform_`` methods.  Include it after your own routes of the same paths: it
    answers every other method with 405.
    """

    def __init__(
        self,
        model: type[M],
        *,
        prefix: str | None = None,
        tags: list[Any] | None = None,
        name: str | None = None,
        fields: Iterable[str] | None = None,
        exclude: Iterable[str] = (),
        read_only: Iterable[str] = (),
        schema: type[BaseModel] | None = None,
        create_schema: type[BaseModel] | None = None,
        update_schema: type[BaseModel] | None = None,
        operations: Collection[Operation] = OPERATIONS,
        pagination: LimitOffset = PAGES,
        dependencies: Sequence[params.Depends] | None = None,
    ) -> None:
        for operation in operations:
            if operation not in OPERATIONS:
                raise ImproperlyConfigured(
                    f"CRUDRouter has no operation {operation!r}. {did_you_mean(str(operation), OPERATIONS)}"
                )
        self.model = model
        self.meta = options_of(model)
        self.names = names_for(model, name)
        self.pagination = pagination.checked()
        made = schemas_for(model, fields=fields, exclude=exclude, read_only=read_only)
        self.schema = schema or made.read
        self.create_schema = create_schema or made.create
        self.update_schema = update_schema or made.update
        super().__init__(
            prefix=self.names.path if prefix is None else prefix,
            tags=tags or [self.names.plural[:1].upper() + self.names.plural[1:]],
            dependencies=dependencies,
            route_class=ProblemRoute,
        )
        self._add_collection(operations)
        self._add_single(operations)

    # -- For subclasses ------------------------------------------------------------------------

    async def get_queryset(self, request: Request) -> QuerySet[M]:
        """The rows that exist for *request*, in the order of lists; all others are not found.

        The key decides among equals, or pages would overlap: an override best begins with ``super()``'s and filters.
        """
        rows: QuerySet[M] = self.meta.default_manager.order_by(*self.meta.ordering, "pk")
        return rows

    async def perform_create(self, data: dict[str, Any], request: Request) -> M:
        """A new row of *data*, which is valid."""
        instance = self.model(**self._stored(data))
        await self._check(instance, data)
        await instance.asave(force_insert=True)
        return instance

    async def perform_update(self, instance: M, data: dict[str, Any], request: Request) -> M:
        """Write what was sent, and only that (and what changes itself)."""
        for name, value in self._stored(data).items():
            setattr(instance, name, value)
        await self._check(instance, data)
        changing = [field.name for field in self.meta.fields if getattr(field, "auto_now", False)]
        try:
            await instance.asave(update_fields=[*data, *changing])
        except DatabaseError as error:
            if type(error) is DatabaseError and error.sqlstate is None:  # the row is gone meanwhile
                raise self._missing() from error
            raise
        return instance

    async def perform_delete(self, instance: M, request: Request) -> None:
        """Delete the row, and what ``on_delete`` demands."""
        await instance.adelete()

    # -- Steps ---------------------------------------------------------------------------------

    def _missing(self) -> ProblemError:
        return ProblemError(not_found(self.names.label))

    def _stored(self, data: dict[str, Any]) -> dict[str, Any]:
        """*data* under the names that an instance stores it."""
        columns = self.meta.by_name
        return {columns[name].attname if name in columns else name: value for name, value in data.items()}

    async def _check(self, instance: M, data: dict[str, Any]) -> None:
        """The rules of the model for what was sent, and that its foreign keys point at rows."""
        meta = self.meta
        keys = [field for field in meta.fields if field.is_relation and data.get(field.name) is not None]
        # Whether the rows of keys exist is asked here: the manager of the target may hide some.
        exclude = {field.name for field in meta.fields if field.name not in data or field in keys}
        await instance.afull_clean(exclude=exclude, validate_unique=False)
        missing: list[str] = []
        for field in keys:
            targets = field.related_model._meta.default_manager
            if not await targets.filter(**{field.target_field.name: data[field.name]}).aexists():
                missing.append(field.name)
        if missing:
            raise ProblemError(related_missing(missing))

    async def _one(self, request: Request, key: Any) -> M:
        found = await (await self.get_queryset(request)).filter(pk=key).afirst()
        if found is None:
            raise self._missing()
        return found

    async def _list(self, request: Request, response: Response, page: Any) -> dict[str, Any]:
        limit, offset = page.limit, page.offset
        rows = await self.get_queryset(request)
        total = await rows.acount()
        if not rows.ordered:
            rows = rows.order_by("pk")
        items = [row async for row in rows[offset : offset + limit]] if offset < total else []
        link = links(request.url.path, request.query_params.multi_items(), limit=limit, offset=offset, total=total)
        if link:
            response.headers["Link"] = link
        return {"items": items, "total": total, "limit": limit, "offset": offset}

    async def _create(self, request: Request, response: Response, body: Any) -> M:
        instance = await self.perform_create(_sent(body), request)
        response.headers["Location"] = f"{request.url.path.rstrip('/')}/{quote(str(instance.pk), safe='')}"
        return instance

    async def _retrieve(self, request: Request, pk: Any) -> M:
        return await self._one(request, pk)

    async def _update(self, request: Request, pk: Any, body: Any) -> M:
        instance = await self._one(request, pk)
        data = _sent(body, given_only=True)
        return await self.perform_update(instance, data, request) if data else instance

    async def _delete(self, request: Request, pk: Any) -> Response:
        await self.perform_delete(await self._one(request, pk), request)
        return Response(status_code=204)

    # -- Routes --------------------------------------------------------------------------------

    def _add_collection(self, operations: Collection[Operation]) -> None:
        names = self.names
        if "list" in operations:
            self.add_api_route(
                "",
                endpoint(self._list, page=Annotated[self.pagination.parameters(), Query()]),
                methods=["GET"],
                operation_id=f"list_{names.many}",
                name=f"list_{names.many}",
                summary=f"List {names.plural}",
                response_model=page_schema(self.schema.__name__, self.schema),
                responses=documented(422, 503),
            )
        if "create" in operations:
            self.add_api_route(
                "",
                endpoint(self._create, body=self.create_schema),
                methods=["POST"],
                status_code=201,
                operation_id=f"create_{names.one}",
                name=f"create_{names.one}",
                summary=f"Create {names.with_article()}",
                response_model=self.schema,
                responses={**_located(), **documented(400, 409, 422, 503)},
            )
        self._refuse_others("", [METHODS[name] for name in ("list", "create") if name in operations])

    def _add_single(self, operations: Collection[Operation]) -> None:
        names = self.names
        key = column_type(self.meta.pk)
        pk: Any = Annotated[(key.type, *key.metadata)] if key.metadata else key.type
        options: dict[str, Any] = {"response_model": self.schema}
        if "retrieve" in operations:
            self.add_api_route(
                "/{pk}",
                endpoint(self._retrieve, pk=pk),
                methods=["GET"],
                operation_id=f"get_{names.one}",
                name=f"get_{names.one}",
                summary=f"Get {names.with_article()}",
                responses=documented(404, 422, 503),
                **options,
            )
        if "update" in operations:
            self.add_api_route(
                "/{pk}",
                endpoint(self._update, pk=pk, body=self.update_schema),
                methods=["PATCH"],
                operation_id=f"update_{names.one}",
                name=f"update_{names.one}",
                summary=f"Update {names.with_article()}",
                description="Changes what is sent and leaves the rest.",
                responses=documented(400, 404, 409, 422, 503),
                **options,
            )
        if "delete" in operations:
            self.add_api_route(
                "/{pk}",
                endpoint(self._delete, pk=pk),
                methods=["DELETE"],
                status_code=204,
                operation_id=f"delete_{names.one}",
                name=f"delete_{names.one}",
                summary=f"Delete {names.with_article()}",
                responses=documented(404, 409, 422, 503),
                response_model=None,
            )
        self._refuse_others("/{pk}", [METHODS[name] for name in ("retrieve", "update", "delete") if name in operations])

    def _refuse_others(self, path: str, allowed: list[str]) -> None:
        """One hidden route that answers every other method, and tells all that are allowed."""
        if not allowed:
            return
        problem = plain(405, headers={"Allow": ", ".join(allowed)})

        async def refuse(request: Request) -> Response:
            return problem_response(problem, request)

        self.add_route(f"{self.prefix}{path}", refuse, methods=[], include_in_schema=False)


def _sent(body: BaseModel, *, given_only: bool = False) -> dict[str, Any]:
    """The values of a body, as they are; what was not sent and has no default is left out."""
    names = body.model_fields_set if given_only else type(body).model_fields
    values = {name: getattr(body, name) for name in type(body).model_fields if name in names}
    return {name: value for name, value in values.items() if value is not MISSING}


def _located() -> dict[int | str, dict[str, Any]]:
    return {201: {"headers": {"Location": {"description": "Where it is.", "schema": {"type": "string"}}}}}
