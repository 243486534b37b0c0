"""One operation of the API: declared once, for the gate, for keys and for the schema."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from django.http import Http404, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.renderers import JSONRenderer

from techflow_service.platform.api.keys import note_use
from techflow_service.platform.api.once import once
from techflow_service.platform.pages import failures
from techflow_service.platform.refusing import Refused
from techflow_service.platform.roles import Role
from techflow_service.platform.routes import Row
from techflow_service.platform.words import WORDS

PREFIX = "api/v1/"


class _Renderer(JSONRenderer):
    json_dumps_params: Mapping[str, Any] = {"ensure_ascii": False, "allow_nan": False}


API = NinjaAPI(
    title="Techflow",
    version="1",
    openapi_url=None,
    docs_url=None,
    renderer=_Renderer(),
    urls_namespace="api",
)


class Call(NamedTuple):
    """What the gate and the schema know of an operation.

    Attributes:
        route: Name of its address.
        row: Who may call it.
        key_scope: Scope that a key needs; empty: any key.
        names: Names of its query parameters.
        fields: Names of the fields and files of its form; empty where the body is JSON.
        example: A body or an answer as it may look: `answer` or the type of a `file`, and
            `path`, `query` and `body` of a request.
    """

    route: str
    row: Row
    key_scope: str
    names: frozenset[str]
    fields: frozenset[str]
    example: Mapping[str, Any]


CALLS: dict[tuple[str, str], Call] = {}
"""Route and method -> operation."""


def operation(
    method: str,
    address: str,
    row: Row,
    *,
    key_scope: str = "",
    returns: Any = None,
    status: int = 200,
    example: Mapping[str, Any],
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a function as an operation; the route has the name of the function's address.

    Args:
        method: `GET`, `POST` or `DELETE`.
        address: Behind /api/v1/, such as `firms/{firm_id}`.
        row: Who may call it.
        key_scope: Scope that a key needs.
        returns: Shape of the answer; None where it is a file.
        status: Status of success.
        example: See `Call`.
    """
    route = "api_" + "_".join(part for part in address.split("/") if "{" not in part)
    route = f"{route}_one" if address.endswith("}") else route
    route = route.replace(".", "_").replace("-", "_")

    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        en = WORDS[f"api.{function.__name__}"][1]
        made = API.api_operation(
            [method],
            f"/{address}",
            response={status: returns} if returns else None,
            summary=en,
            operation_id=function.__name__,
            url_name=route,
        )(function)
        models = function._ninja_operation.models  # type: ignore[attr-defined]
        names, fields = _names(models, "query"), _names(models, "form", "file")
        told = {"id": function.__name__} | dict(example)
        CALLS[route, method] = Call(route, row, key_scope, names, fields, told)
        return made

    return declare


def _names(models: Iterable[Any], *sources: str) -> frozenset[str]:
    asked = [one for one in models if one.__ninja_param_source__ in sources]
    maps = (getattr(one, "__ninja_flatten_map__", one.model_fields) for one in asked)
    return frozenset(name for named in maps for name in named)


def serve(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of ninja behind what holds for every operation: pace, scope, parameters, once."""

    def answer(request: Any, **words: Any) -> HttpResponse:
        head = request.method == "HEAD"
        request.method = "GET" if head else request.method
        call = CALLS[request.route, request.method]
        response = _refused(request, call)
        if response is None and request.method == "GET":
            response = view(request, **words)
        elif response is None:
            response = once(request, lambda: view(request, **words))
        if request.bearer and response.status_code < 400:
            note_use(request.bearer)
        if head:
            response.content = b""
        return response

    return answer


def _refused(request: Any, call: Call) -> HttpResponse | None:
    if request.wait_s:
        response = failures.fail(request, 429, "too_many")
        response.headers["Retry-After"] = str(request.wait_s)
        return response
    if call.row.roles and Role(request.membership.role) not in call.row.roles:
        return failures.forbidden(request)
    if request.bearer and call.key_scope and call.key_scope not in request.bearer.scopes:
        return failures.fail(request, 403, "key_scope")
    strange = sorted(set(request.GET) - call.names)
    twice = sorted(name for name in call.names if len(request.GET.getlist(name)) > 1)
    wrong = [_wrong(("query", name), "unknown_parameter") for name in strange]
    wrong += [_wrong(("query", name), "repeated_parameter") for name in twice]
    sent = {*request.POST, *request.FILES} if call.fields else ()
    wrong += [_wrong(("form", name), "unknown_parameter") for name in sorted({*sent} - call.fields)]
    return failures.fail(request, 422, "invalid", errors=wrong) if wrong else None


def _wrong(place: tuple[Any, ...], kind: str) -> dict[str, str]:
    zh, en = WORDS.get(f"invalid.{kind}", WORDS["invalid.other"])
    return {"where": ".".join(map(str, place)), "what": en, "what_zh": zh}


class NoPlace(Exception):
    """A cursor that this list did not give out."""


@API.exception_handler(NoPlace)
def no_place(request: Any, error: NoPlace) -> HttpResponse:
    """A cursor that this list did not give out."""
    return failures.fail(request, 404, "cursor")


@API.exception_handler(Refused)
def refused(request: Any, error: Refused) -> HttpResponse:
    """What pages say of it, for programs."""
    told = [(code, WORDS[f"{error.area}.{code}"]) for code in error.codes]
    wrong = [{"where": code, "what": en, "what_zh": zh} for code, (zh, en) in told]
    return failures.fail(request, 409, "refused", errors=wrong)


@API.exception_handler(ValidationError)
def invalid(request: Any, error: ValidationError) -> HttpResponse:
    """A parameter or a body that is not as the schema says."""
    wrong = [_wrong(_place(one["loc"]), one["type"]) for one in error.errors]
    return failures.fail(request, 422, "invalid", errors=wrong)


def _place(told: tuple[Any, ...]) -> tuple[Any, ...]:
    """Where it is for the caller, who does not know what our function calls its body."""
    return (told[0], *told[2:]) if told[0] == "body" else told


@API.exception_handler(HttpError)
def unreadable(request: Any, error: HttpError) -> HttpResponse:
    """Ninja raises it where the body is no JSON."""
    return failures.fail(request, error.status_code, "unreadable")


@API.exception_handler(Http404)
def absent(request: Any, error: Http404) -> HttpResponse:
    """Nothing there for this member."""
    return failures.absent(request)
