"""Addresses of the contracts part of `/api/v1/`; none ends with a slash."""

from django.urls import path

from contracts.api import views

urlpatterns = [
    path("me", views.MeView.as_view(), name="api-me"),
    path("organizations", views.OrganizationsView.as_view(), name="api-organizations"),
    path("projects", views.ProjectsView.as_view(), name="api-projects"),
    path("tokens", views.TokensView.as_view(), name="api-tokens"),
    path("tokens/current", views.CurrentTokenView.as_view(), name="api-current-token"),
]
