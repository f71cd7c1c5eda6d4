"""Everything that contracts serves."""

from django.urls import include, path

urlpatterns = [
    path("", include("contracts.portal.urls")),
    path("api/v1/", include("contracts.api.urls")),
]
