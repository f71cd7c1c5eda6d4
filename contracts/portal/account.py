"""A person's own account: time zone, password, and tokens for `repro` and other programs."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import PasswordChangeView
from django.contrib.messages.views import SuccessMessageMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from contracts.access import tokens_of
from contracts.domain.people import set_own_zone
from contracts.domain.tokens import issue_token, revoke_token, valid_tokens_of
from contracts.models import User
from contracts.portal.forms import ChangePasswordForm, TokenForm, ZoneForm
from web.errors import HeadwaterError


@never_cache
@login_required
@require_http_methods(["GET", "HEAD"])
def account(request: HttpRequest) -> HttpResponse:
    return _page(request)


@login_required
@require_POST
def account_zone(request: HttpRequest) -> HttpResponse:
    form = ZoneForm(request.POST)
    if not form.is_valid():
        return _page(request, zone_form=form, status=400)
    set_own_zone(actor=_person(request), zone=form.cleaned_data["zone"])
    messages.success(request, f"Times are shown in {form.cleaned_data['zone']} from now on.")
    return redirect("account")


@never_cache
@login_required
@require_POST
def new_token(request: HttpRequest) -> HttpResponse:
    """The page that shows the new token, this once."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, token_form=form, status=400)
    try:
        issued = issue_token(actor=_person(request), now=timezone.now(), **form.cleaned_data)
    except HeadwaterError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, token_form=form, status=refusal.status)
    return _page(request, issued=issued)


@login_required
@require_POST
def token_revocation(request: HttpRequest, token_id: int) -> HttpResponse:
    person = _person(request)
    token = get_object_or_404(tokens_of(person), pk=token_id)
    revoke_token(actor=person, token=token, now=timezone.now())
    messages.success(request, f"The token {token.name} opens nothing any more.")
    return redirect("account")


class PasswordChange(LoginRequiredMixin, SuccessMessageMixin[Any], PasswordChangeView):
    """Other sessions of the person end."""

    success_message = "Your password is changed, and your other sessions have ended."

    form_class: Any = ChangePasswordForm
    template_name = "portal/password_change.html"
    success_url = reverse_lazy("account")


def _page(request: HttpRequest, *, status: int = 200, **facts: Any) -> HttpResponse:
    person = _person(request)
    facts.setdefault("zone_form", ZoneForm(initial={"zone": person.zone}))
    facts.setdefault("token_form", TokenForm())
    facts["tokens"] = valid_tokens_of(user=person, now=timezone.now())
    return render(request, "portal/account.html", facts | {"page": "account"}, status=status)


def _person(request: HttpRequest) -> User:
    """`login_required` has let nobody else through."""
    assert isinstance(request.user, User)
    return request.user
