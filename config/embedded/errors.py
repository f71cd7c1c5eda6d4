"""What keeps an engine from starting."""


class EngineError(Exception):
    """An engine cannot be started; `remedy` is a sentence that says what to do."""

    def __init__(self, message: str, *, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
