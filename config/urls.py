"""Every URL of Headwater."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

handler403 = "web.failures.denied"
handler404 = "web.failures.not_found"
handler500 = "web.failures.crashed"

urlpatterns = [
    path("", include("contracts.urls")),
    path("api/v1/schema", SpectacularAPIView.as_view(), name="api-schema"),
    path("admin/", admin.site.urls),
]
