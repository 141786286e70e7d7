"""Carry out runs: one at a time in this process, or several side by side in worker processes.

Here torch is seeded, made deterministic and given its threads. A run leaves its record only when it has
ended well; until then its state lies in build/checkpoints, so a second start goes on where it stopped.
"""

from __future__ import annotations

import contextlib
import importlib
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from parsimony import paths
from parsimony.experiments import machine
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.fingerprint import data_digests, fingerprint, source_digest
from parsimony.experiments.progress import Board, Progress, Silent, SilentBoard
from parsimony.experiments.tasks import TASKS, task_module
from parsimony.experiments.workers import Finished, carry_out
from parsimony.records import Outcome, Record, Specification, read_record, record_path, write_record

__all__ = ["TASKS", "WORKERS", "is_fresh", "run", "run_many"]

WORKERS = 2


def run(
    specification: Specification,
    *,
    device: str = "cpu",
    progress: Progress | None = None,
    threads: int | None = None,
    force: bool = False,
) -> Path:
    """Carry out one run and file its record, unless a fresh record lies there already.

    Args:
        specification: what to run.
        device: "cpu", or an accelerator as torch names it.
        progress: who watches.
        threads: of torch; the share of one of two workers if not given.
        force: run even if the record is fresh.

    Returns:
        File of the record.
    """
    progress, digest = progress or Silent(), fingerprint(specification)
    path = record_path(specification, digest)
    with _lock(f"{specification.identity}-seed{specification.seed}-{digest[:8]}", progress) as waited:
        if is_fresh(specification) and (waited or not force):
            return path
        checkpoint = Checkpoint(paths.BUILD / "checkpoints" / f"{specification.name}-{digest[:8]}.npz")
        _prepare(specification.seed, device, threads or machine.cores_of_one(WORKERS))
        memory = machine.MemoryPeak()
        task = importlib.import_module(task_module(specification))
        outcome = task.run(specification, checkpoint, progress, device)
        record = _record(specification, digest, outcome, checkpoint, memory.bytes, device)
        written = write_record(record)
        checkpoint.clear()
    return written


def run_many(
    specifications: Sequence[Specification],
    *,
    workers: int = WORKERS,
    device: str = "cpu",
    board: Board | None = None,
    force: bool = False,
) -> list[Finished]:
    """Carry out runs side by side in worker processes; a run that fails leaves the others alone.

    Args:
        specifications: what to run, in this order.
        workers: processes at a time; each gets its share of the cores.
        device: as in `run`.
        board: who watches.
        force: run even what is fresh.

    Returns:
        How each run ended, in the order of their ends.

    Raises:
        ValueError: if there is no worker.
        KeyboardInterrupt: after the workers have ended, if somebody interrupts.
    """
    if workers < 1:
        raise ValueError(f"{workers} workers given; expected at least 1.")
    one = partial(run, device=device, force=force, threads=machine.cores_of_one(workers))
    return carry_out(one, specifications, workers, board or SilentBoard())


def is_fresh(specification: Specification) -> bool:
    """Tell whether a readable record lies under today's fingerprint."""
    path = record_path(specification, fingerprint(specification))
    if not path.is_file():
        return False
    try:
        return read_record(path).specification == specification
    except ValueError:
        return False


def _prepare(seed: int, device: str, threads: int) -> None:
    """Make torch deterministic; refuse a device that is not there."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    import torch

    if torch.device(device).type == "cuda" and not torch.cuda.is_available():
        raise ValueError(f"device {device!r} given, but torch finds no such accelerator here; use 'cpu'.")
    torch.set_num_threads(threads)
    torch.set_deterministic_debug_mode("error")  # use_deterministic_algorithms also imports a compiler, 1 s
    torch.manual_seed(seed)


def _record(
    specification: Specification, digest: str, outcome: Outcome, checkpoint: Checkpoint, peak: int, device: str
) -> Record:
    return Record(
        specification=specification,
        fingerprint=digest,
        metrics=dict(outcome.metrics),
        measurements=dict(outcome.measurements),
        parameters=outcome.parameters,
        seconds=round(checkpoint.seconds, 3),
        processor_seconds=round(checkpoint.processor_seconds, 3) if device == "cpu" else None,
        peak_memory_bytes=peak,
        machine=machine.describe(device),
        packages=machine.packages(),
        commit=machine.commit(),
        data_sha256=data_digests(specification.dataset),
        source_sha256=source_digest(specification),
        finished=datetime.now(UTC).isoformat(timespec="seconds"),
    )


@contextlib.contextmanager
def _lock(name: str, progress: Progress) -> Iterator[bool]:
    """Hold a run for this process alone; give whether another process had it before.

    The system frees the lock when its process ends, however it ends.
    """
    import fcntl

    path = paths.BUILD / "locks" / f"{name}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as stream:
        waited = False
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waited = True
            progress.update(0, 1, "waiting for another process that does this run")
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield waited
