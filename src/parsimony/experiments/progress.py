"""How a run tells whoever watches it how far it is."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Somebody who watches one run."""

    def update(self, done: int, total: int, note: str = "") -> None:
        """Hear that `done` of `total` steps of the part called `note` are finished."""


class Silent:
    """A watcher that shows nothing."""

    def update(self, done: int, total: int, note: str = "") -> None:
        """Hear and show nothing."""


class Board(Protocol):
    """Somebody who watches several runs at once, by the names of their specifications."""

    def update(self, name: str, done: int, total: int, note: str) -> None:
        """Hear how far a run is."""

    def finish(self, name: str, seconds: float, error: str) -> None:
        """Hear that a run ended; `error` is empty if it ended well."""


class SilentBoard:
    """A board that shows nothing."""

    def update(self, name: str, done: int, total: int, note: str) -> None:
        """Hear and show nothing."""

    def finish(self, name: str, seconds: float, error: str) -> None:
        """Hear and show nothing."""
