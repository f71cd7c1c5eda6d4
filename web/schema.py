"""What holds for every operation of the API, written into the OpenAPI document."""

from typing import Any

from web.problems import MEDIA_TYPE

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


def describe_conventions(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """A problem as the answer to everything else."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = _PROBLEM
    reference = {"$ref": "#/components/schemas/Problem"}
    answer = {"description": "A problem.", "content": {MEDIA_TYPE: {"schema": reference}}}
    for methods in result["paths"].values():
        for operation in methods.values():
            operation["responses"]["default"] = answer
    return result
