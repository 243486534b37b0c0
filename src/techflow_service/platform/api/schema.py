"""The schema of the API, OpenAPI 3.1, with an example in every operation."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.conf import settings

from techflow_service.platform.api.once import HEADER, KEY_CHARACTERS_MAX, KEY_PATTERN
from techflow_service.platform.api.operations import API, CALLS, PREFIX, Call
from techflow_service.platform.words import WORDS

PROBLEM = {
    "type": "object",
    "required": ["type", "status", "title", "title_zh"],
    "properties": {
        "type": {"type": "string"},
        "status": {"type": "integer"},
        "title": {"type": "string"},
        "title_zh": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["where", "what", "what_zh"],
                "properties": {
                    "where": {"type": "string"},
                    "what": {"type": "string"},
                    "what_zh": {"type": "string"},
                },
            },
        },
    },
}
ANYONE = ("404", "422", "429")
MEMBERS = ("401", "403")
WRITES = ("400", "409", "413")
KEY = {
    "in": "header",
    "name": HEADER,
    "required": True,
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": KEY_CHARACTERS_MAX,
        "pattern": KEY_PATTERN,
    },
    "example": "2f1c7f6e-7f0a-4a44-9d5c-2d7d5b0f6a11",
}
SECURITY = {
    "key": {"type": "http", "scheme": "bearer"},
    "session": {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
}


@cache
def openapi() -> dict[str, Any]:
    """The schema."""
    told = dict(API.get_openapi_schema(path_prefix=PREFIX))
    by_id = {call.example["id"]: call for call in CALLS.values()}
    for path in told["paths"].values():
        for method, one in path.items():
            _complete(one, method, by_id[one["operationId"]])
    told["components"] |= {"securitySchemes": SECURITY}
    told["components"]["schemas"]["Problem"] = PROBLEM
    return told


def _complete(one: dict[str, Any], method: str, call: Call) -> None:
    one["x-summary-zh"], one["summary"] = WORDS[f"api.{one['operationId']}"]
    one["x-key-scope"], one["x-roles"] = call.key_scope, sorted(call.row.roles)
    one["security"] = [{"key": []}, {"session": []}] if call.row.roles else []
    if method != "get":
        one["parameters"].append(KEY)
    _set_examples(one, call.example)
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    statuses = (*ANYONE, *(MEMBERS if call.row.roles else ()), *(WRITES if method != "get" else ()))
    one["responses"] = {str(status): said for status, said in one["responses"].items()} | {
        status: {"description": "Problem", "content": problem} for status in sorted(statuses)
    }


def _set_examples(one: dict[str, Any], example: Mapping[str, Any]) -> None:
    for parameter in one["parameters"]:
        values = example.get(parameter["in"], {})
        if parameter["name"] in values:
            parameter["example"] = values[parameter["name"]]
    for body in one.get("requestBody", {}).get("content", {}).values():
        body["example"] = example["body"]
        if "properties" in body["schema"]:  # of a form; those of JSON are named and say so
            body["schema"]["additionalProperties"] = False
            for part in body["schema"]["properties"].values():
                if part.get("format") == "binary":
                    part["minLength"] = 1
    for said in one["responses"].values():
        if "file" in example:
            schema = {"type": "string", "format": "binary"}
            said["content"] = {example["file"]: {"schema": schema}}
        else:
            said["content"]["application/json"]["example"] = example["answer"]
