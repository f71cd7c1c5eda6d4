from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    label = "config"

    def ready(self) -> None:
        import config.celery  # noqa: PLC0415 -- binds @shared_task once apps are loaded
        import config.checks  # noqa: F401, PLC0415 -- registers them
