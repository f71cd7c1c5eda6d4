"""Addresses of signing in and of a person's own account."""

from django.urls import path
from django.views.generic import RedirectView

from contracts.portal import account, sign_in

urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("password/forgotten/", sign_in.password_reset, name="password-reset"),
    path("password/sent/", sign_in.password_reset_sent, name="password-reset-sent"),
    path(
        "password/<str:uidb64>/<str:token>/",
        sign_in.PasswordResetConfirm.as_view(),
        name="password-reset-confirm",
    ),
    path("admin/login/", sign_in.admin_sign_in),
    path("admin/logout/", sign_in.sign_out),
    path("admin/password_change/", RedirectView.as_view(pattern_name="password-change")),
    path("account/", account.account, name="account"),
    path("account/zone/", account.account_zone, name="account-zone"),
    path("account/password/", account.PasswordChange.as_view(), name="password-change"),
    path("account/tokens/", account.new_token, name="new-token"),
    path(
        "account/tokens/<int:token_id>/revoke/",
        account.token_revocation,
        name="token-revocation",
    ),
]
