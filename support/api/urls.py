"""Addresses of the support part of `/api/v1/`; none ends with a slash."""

from django.urls import path

from support.api import views

urlpatterns = [
    path("tickets", views.TicketsView.as_view(), name="api-tickets"),
    path("tickets/<int:pk>", views.TicketView.as_view(), name="api-ticket"),
    path("tickets/<int:pk>/messages", views.MessagesView.as_view(), name="api-messages"),
    path("tickets/<int:pk>/experiments", views.ExperimentsView.as_view(), name="api-experiments"),
]
