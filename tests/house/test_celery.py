"""Tasks are queued on our broker, whichever thread queues them."""

from concurrent.futures import ThreadPoolExecutor

from django.conf import settings

from support.tasks.trackers import send_changes


def test_a_task_queued_by_another_thread_goes_to_our_broker() -> None:
    """Web requests run in threads of their own; Celery's current app is that of one thread."""
    with ThreadPoolExecutor(1) as another:
        queued_on = another.submit(lambda: send_changes.app.conf.broker_url).result()
    assert queued_on == settings.CELERY_BROKER_URL
