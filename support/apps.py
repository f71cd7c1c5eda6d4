from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "support"

    def ready(self) -> None:
        from support import receivers  # noqa: F401, PLC0415 -- models have to be loaded first
