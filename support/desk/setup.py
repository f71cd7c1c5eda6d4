"""What is missing before we can work? A list that checks itself."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from reproducers.domain.known_bug import judge_known_bug
from support.desk.checks import Check, check_all
from support.desk.staff import staff_only
from support.portal.people import person_of


@staff_only
@never_cache
@require_safe
def setup(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    checks = check_all(now=now)
    facts = {"page": "setup", "now": now, "checks": checks, "heading": _heading(checks)}
    return render(request, "desk/setup.html", facts)


@staff_only
@require_POST
def known_bug(request: HttpRequest) -> HttpResponse:
    """Have a known bug judged, which shows that everything works."""
    judge_known_bug(actor=person_of(request), now=timezone.now())
    messages.success(request, "It is being judged; this page says what it comes to.")
    return redirect("desk-setup")


def _heading(checks: list[Check]) -> str:
    broken = [check.name for check in checks if check.is_ok is False]
    off = sum(check.said == "switched off" for check in checks)
    if len(broken) == 1:
        return f"One thing does not work: {broken[0].lower()}."
    if broken:
        return f"{len(broken)} of {len(checks)} do not work: {', '.join(broken).lower()}."
    return f"Everything works{f'; {off} switched off' if off else ''}."
