"""The Content-Security-Policy of every answer, strict; `/admin/` alone is allowed a little more."""

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponseBase

ADMIN = "/admin/"
_ALPINE_NEEDS = {
    "script-src": [UNSAFE_EVAL],
    "style-src": [UNSAFE_INLINE],
    "img-src": ["data:"],
}
"""What unfold's pages cannot do without; only our own staff ever sees them."""


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if request.path_info.startswith(ADMIN):
            response._csp_update = _ALPINE_NEEDS  # type: ignore[attr-defined]  # noqa: SLF001
        answer: HttpResponseBase = super().process_response(request, response)
        return answer
