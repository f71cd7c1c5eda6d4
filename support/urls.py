"""Everything that support serves."""

from django.urls import include, path

from support import webhooks

urlpatterns = [
    path("", include("support.portal.urls")),
    path("desk/", include("support.desk.urls")),
    path("api/v1/", include("support.api.urls")),
    path("webhooks/github", webhooks.github, name="github-webhook"),
]
