"""Every URL of Headwater."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView

handler403 = "web.failures.denied"
handler404 = "web.failures.not_found"
handler500 = "web.failures.crashed"

urlpatterns = [
    path("", include("contracts.urls")),
    path("", include("support.urls")),
    path("api/v1/schema", SpectacularJSONAPIView.as_view(), name="api-schema"),
    path("admin/", admin.site.urls),
]
