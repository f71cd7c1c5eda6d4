"""What holds for every operation of the API, written into the OpenAPI document."""

from typing import Any

from web.idempotency import HEADER
from web.problems import MEDIA_TYPE

_WRITES = ("post", "put", "patch", "delete")

_PROBLEM = {
    "type": "object",
    "description": "RFC 9457, with a stable code, what to do about it, and whether to try again.",
    "required": ["type", "title", "status", "code", "detail", "remedy", "retryable"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "remedy": {"type": "string"},
        "retryable": {"type": "boolean"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}

_KEY = {
    "name": HEADER,
    "in": "header",
    "schema": {"type": "string", "maxLength": 255},
    "description": "Sent twice with the same key, a write is done once and answered the same.",
}


def describe_conventions(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """Problems as the answer to everything else, and the key that every write may carry."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = _PROBLEM
    reference = {"$ref": "#/components/schemas/Problem"}
    answer = {"description": "A problem.", "content": {MEDIA_TYPE: {"schema": reference}}}
    for methods in result["paths"].values():
        for method, operation in methods.items():
            operation["responses"]["default"] = answer
            if method in _WRITES and operation.get("security") != [{}]:
                operation.setdefault("parameters", []).append(_KEY)
    return result
