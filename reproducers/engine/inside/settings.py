"""What the processes inside are told, as one argument of JSON."""

from __future__ import annotations

import json
from typing import Any


class Settings:
    """Paths are as seen inside; bytes and seconds. `warnings`: write down those that are shown.

    `result`: write down the value of that name. `sync`: whatever is computed is so in one thread.
    `performance`: keep Dask's own report of the private cluster.
    """

    def __init__(
        self,
        script: str,
        output: str,
        private: str,
        workers: int,
        threads: int,
        worker_memory_bytes: int,
        timeout_seconds: float,
        warnings: bool,
        result: bool = False,
        sync: bool = False,
        gpus: int = 0,
        performance: bool = False,
    ) -> None:
        self.script = script
        self.output = output
        self.private = private
        self.workers = workers
        self.threads = threads
        self.worker_memory_bytes = worker_memory_bytes
        self.timeout_seconds = timeout_seconds
        self.warnings = warnings
        self.result = result
        self.sync = sync
        self.gpus = gpus
        self.performance = performance

    def to_json(self) -> str:
        return json.dumps(self.__dict__)

    @classmethod
    def from_json(cls, text: str) -> Settings:
        facts: dict[str, Any] = json.loads(text)
        return cls(**facts)
