from django.apps import AppConfig


class ReproducersConfig(AppConfig):
    name = "reproducers"
