"""Where a run takes place: processor and accelerator models, packages, commit, memory. Never a host name."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from parsimony import paths

PACKAGES = ("torch", "numpy", "scipy", "pykeen", "optuna", "scikit-learn", "rdkit", "torch-geometric")


def cores() -> int:
    """Return the processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cores_of_one(workers: int) -> int:
    """Return how many cores each of so many workers gets."""
    return max(1, cores() // workers)


def describe(device: str = "cpu") -> str:
    """Return the processor's model and cores, and the accelerator's model if the run used one."""
    processor = f"{_processor()}, {cores()} core{'s' * (cores() > 1)}"
    if device.partition(":")[0] != "cuda":
        return processor
    import torch

    return f"{processor}; {torch.cuda.get_device_name(device)}"


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def packages() -> dict[str, str]:
    """Return the versions of Python and of the installed packages that compute."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def commit() -> str:
    """Return the commit of the checkout, with "-dirty" if files differ from it, or "unknown" without git."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        done = subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.strip()


class MemoryPeak:
    """Highest resident size of this process from now on, or since its start where that is all one can ask."""

    def __init__(self) -> None:
        try:
            Path("/proc/self/clear_refs").write_text("5")
        except OSError:
            return

    @property
    def bytes(self) -> int:
        """Return the peak so far."""
        status = Path("/proc/self/status")
        for line in status.read_text().splitlines() if status.is_file() else []:
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
