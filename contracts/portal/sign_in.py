"""Signing in and out, and choosing a password by a link from a mail."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.views import PasswordResetConfirmView, redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from kombu.exceptions import OperationalError

from contracts.domain.demo import PASSWORD, demo_logins
from contracts.domain.sign_in import check_password_of, count_password_link
from contracts.portal.forms import ForgottenPasswordForm, NewPasswordForm, SignInForm
from contracts.tasks import send_password_link
from web.errors import HeadwaterError
from web.rate_limits import address_of


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """By e-mail and password; then to where the person wanted to go."""
    if request.user.is_authenticated:
        return redirect(_wanted(request))
    form = SignInForm(_posted(request), initial={"email": request.GET.get("email", "")})
    if form.is_valid():
        try:
            user = check_password_of(
                **form.cleaned_data, address=address_of(request), request=request
            )
        except HeadwaterError as refusal:
            form.add_error(None, str(refusal))
            return _sign_in_page(request, form, status=refusal.status)
        login(request, user)
        return redirect(_wanted(request))
    return _sign_in_page(
        request, form, status=HTTPStatus.BAD_REQUEST if form.is_bound else HTTPStatus.OK
    )


@require_safe
def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """The admin's own sign-in page is ours; who is signed in and no staff finds nothing."""
    if request.user.is_authenticated:
        raise Http404
    return redirect_to_login(_wanted(request))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign-in")


@require_http_methods(["GET", "HEAD", "POST"])
def password_reset(request: HttpRequest) -> HttpResponse:
    """Ask for a link by mail. The answer is the same whoever has an account."""
    form = ForgottenPasswordForm(_posted(request))
    status = HTTPStatus.BAD_REQUEST if form.is_bound else HTTPStatus.OK
    if form.is_valid():
        try:
            count_password_link(**form.cleaned_data, address=address_of(request))
            send_password_link.delay(form.cleaned_data["email"])
            return redirect("password-reset-sent")
        except HeadwaterError as refusal:
            form.add_error(None, str(refusal))
            status = HTTPStatus(refusal.status)
        except OperationalError:  # the broker is away, and no row stands for this mail
            form.add_error(None, "No mail can be sent right now. Please try again in a minute.")
            status = HTTPStatus.SERVICE_UNAVAILABLE
    return render(request, "portal/password_reset.html", {"form": form}, status=status)


@require_safe
def password_reset_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/password_reset_sent.html")


class PasswordResetConfirm(PasswordResetConfirmView):
    """The link is in the address once and then in the session, so that no log keeps it."""

    form_class: Any = NewPasswordForm
    template_name = "portal/password_reset_confirm.html"
    success_url = reverse_lazy("home")
    post_reset_login = True


def _sign_in_page(request: HttpRequest, form: SignInForm, *, status: int) -> HttpResponse:
    facts = {
        "form": form,
        "next": request.POST.get("next", request.GET.get("next", "")),
        "demo_logins": demo_logins() if settings.IS_EMBEDDED else (),
        "demo_password": PASSWORD,
    }
    return render(request, "portal/sign_in.html", facts, status=status)


def _posted(request: HttpRequest) -> QueryDict | None:
    """Also an empty form was sent."""
    return request.POST if request.method == "POST" else None


def _wanted(request: HttpRequest) -> str:
    """`next`, if it lies on this site."""
    wanted = request.POST.get("next", request.GET.get("next", ""))
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else resolve_url(settings.LOGIN_REDIRECT_URL)
