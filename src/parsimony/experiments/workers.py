"""Carry out several runs side by side, each in a process of its own.

A run that fails leaves the others alone; its traceback goes to build/logs. An interruption ends the processes,
each of which keeps its last checkpoint.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from parsimony import paths
from parsimony.experiments.progress import Board
from parsimony.records import Specification

Run = Callable[..., Path]
SECONDS_BETWEEN_UPDATES = 0.1
SECONDS_TO_END = 10.0


@dataclass(frozen=True)
class Finished:
    """How a run ended: with a record, or with an error and its log."""

    specification: Specification
    path: Path | None = None
    error: str = ""
    log: Path | None = None


def carry_out(run: Run, specifications: Sequence[Specification], workers: int, board: Board) -> list[Finished]:
    """Call `run` for each specification, `workers` at a time, each in a process of its own.

    Args:
        run: function of a module, or a partial of one, with the keyword `progress`.
        specifications: what to run, in this order.
        workers: processes at a time.
        board: who watches.

    Returns:
        How each run ended, in the order of their ends.

    Raises:
        KeyboardInterrupt: after the processes have ended, if somebody interrupts.
    """
    crew = Crew(run, board)
    waiting = list(specifications)
    try:
        while waiting or crew.busy:
            while waiting and crew.busy < workers:
                crew.start(waiting.pop(0))
            crew.listen()
    finally:
        crew.stop()
    return crew.finished


@dataclass(frozen=True)
class _Worker:
    specification: Specification
    process: Any
    start: float


class Crew:
    """The worker processes that are busy, and what has ended.

    Args:
        run: what a process does with its specification.
        board: who watches.
    """

    def __init__(self, run: Run, board: Board) -> None:
        self.run, self.board = run, board
        self.finished: list[Finished] = []
        self._workers: dict[Connection, _Worker] = {}
        self._context = multiprocessing.get_context("forkserver")
        _start_server(self._context)

    @property
    def busy(self) -> int:
        """Return the number of runs in progress."""
        return len(self._workers)

    def start(self, specification: Specification) -> None:
        """Start a process for a run."""
        ours, theirs = self._context.Pipe(duplex=False)
        arguments = (theirs, self.run, specification)
        process = self._context.Process(target=_work, args=arguments, daemon=True)
        process.start()
        theirs.close()
        self._workers[ours] = _Worker(specification, process, time.monotonic())

    def listen(self) -> None:
        """Wait for messages and pass them on."""
        for connection in wait(list(self._workers)):
            try:
                kind, *content = connection.recv()
            except EOFError:
                kind, content = "died", []
            if kind == "update":
                self.board.update(self._workers[connection].specification.name, *content)
            else:
                self._end(connection, kind, content)

    def _end(self, connection: Connection, kind: str, content: list[str]) -> None:
        """Note how a run ended."""
        worker = self._workers.pop(connection)
        connection.close()
        worker.process.join()
        name, path, error, log = worker.specification.name, None, "", None
        if kind == "done":
            path = Path(content[0])
        else:
            error = content[0] if content else _cause_of_death(worker.process.exitcode)
            log = _write_log(name, content[1] if content else error)
        self.finished.append(Finished(worker.specification, path, error, log))
        self.board.finish(name, time.monotonic() - worker.start, error)

    def stop(self) -> None:
        """End every process that is still busy."""
        for worker in self._workers.values():
            worker.process.terminate()
        for connection, worker in self._workers.items():
            worker.process.join(SECONDS_TO_END)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
            connection.close()
        self._workers.clear()


class _Reporter:
    """Progress of a run, sent to the parent; ends the run when the parent is gone."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self._sent, self._note = connection, 0.0, None

    def update(self, done: int, total: int, note: str = "") -> None:
        """Send the state, but not more often than a person can read."""
        now = time.monotonic()
        if done < total and note == self._note and now - self._sent < SECONDS_BETWEEN_UPDATES:
            return
        self._sent, self._note = now, note
        try:
            self._connection.send(("update", done, total, note))
        except OSError:
            sys.exit(1)


def _work(connection: Connection, run: Run, specification: Specification) -> None:
    """Carry out one run in this process and tell the parent how it ended."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        path = run(specification, progress=_Reporter(connection))
        connection.send(("done", str(path)))
    except Exception as error:  # whatever it is, the other runs go on and the log keeps it
        connection.send(("failed", f"{type(error).__name__}: {error}", traceback.format_exc()))


def _start_server(context: Any) -> None:
    """Start the process that imports torch once and from which the workers are forked.

    It starts deaf to interruptions, and so do its children: the parent hears them and ends the children.
    """
    from multiprocessing.forkserver import ensure_running

    context.set_forkserver_preload(["torch", "torch._dynamo"])  # which any optimizer would import in every process
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        ensure_running()
    finally:
        signal.signal(signal.SIGINT, before)


def _cause_of_death(code: int | None) -> str:
    if code is not None and code < 0:
        return (
            f"the process was ended by signal {-code}; if nobody ended it, memory ran out: "
            "close other programs or use --workers 1, then start again, it goes on where it stopped."
        )
    return f"the process ended with code {code} and no word; start again, it goes on where it stopped."


def _write_log(name: str, text: str) -> Path:
    path = paths.BUILD / "logs" / f"{name}.txt"
    return paths.write_text_atomically(path, text.rstrip() + os.linesep)
