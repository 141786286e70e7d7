"""The journal of a run: what it has finished so far, kept in its checkpoint."""

from __future__ import annotations

import time
from typing import Any

from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.progress import Progress

SECONDS_BETWEEN_SAVES = 2.0
SECONDS_OF_A_SAVE = 0.1  # a longer one lengthens the time to the next as much, so that saving never takes more than 5 %


class Journal:
    """What a run has finished so far, kept in its checkpoint."""

    def __init__(self, checkpoint: Checkpoint, progress: Progress) -> None:
        self._checkpoint, self.progress = checkpoint, progress
        self._state: dict[str, Any] = checkpoint.load() or {}
        self._saved, self._cost = time.monotonic(), 0.0

    def get(self, key: str, default: Any = None) -> Any:
        """Return what was kept under `key`."""
        return self._state.get(key, default)

    def put(self, key: str, value: Any, *, at_once: bool = True) -> None:
        """Keep `value`; with `at_once` false, write only if the last write is some seconds old."""
        self._state[key] = value
        pause = SECONDS_BETWEEN_SAVES * max(1.0, self._cost / SECONDS_OF_A_SAVE)
        if at_once or time.monotonic() - self._saved > pause:
            start = time.monotonic()
            self._checkpoint.save(self._state)
            self._saved = time.monotonic()
            self._cost = self._saved - start

    def forget(self, key: str) -> None:
        """Drop `key`; the next write carries that to the disk, together with what replaces it."""
        self._state.pop(key, None)
