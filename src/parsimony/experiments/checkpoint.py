"""Keep the state of an unfinished run: one .npz file of arrays with a JSON header, never a pickle.

The state is a nest of dictionaries and lists whose leaves are tensors, arrays, numbers, strings, booleans or
None. Tuples come back as lists, tensors come back on the CPU. Keys may be strings or numbers.
"""

from __future__ import annotations

import io
import json
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from parsimony.experiments.stopwatch import now
from parsimony.paths import write_bytes_atomically

FORMAT = 1


class Checkpoint:
    """State of one run on disk, and the seconds spent on it so far.

    Args:
        path: file that holds the state; a missing one means that nothing was done yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._begin(0.0, 0.0)

    def _begin(self, seconds: float, processor_seconds: float) -> None:
        """Count from now on, beginning with what earlier starts took."""
        self._start = time.monotonic() - seconds
        self._processor_start = now() - processor_seconds

    @property
    def seconds(self) -> float:
        """Wall clock spent on the run, the earlier starts that left a state included."""
        return time.monotonic() - self._start

    @property
    def processor_seconds(self) -> float:
        """Time of the processor, all threads together, the earlier starts that left a state included."""
        return now() - self._processor_start

    def add(self, seconds: float) -> None:
        """Count also seconds of one core that another checkpoint has counted for work that this one goes on with."""
        self._begin(self.seconds + seconds, self.processor_seconds + seconds)

    def _spent(self) -> dict[str, float]:
        return {"seconds": self.seconds, "processor_seconds": self.processor_seconds}

    def save(self, state: dict[str, Any]) -> None:
        """Write `state`, replacing the earlier one in one step.

        Raises:
            TypeError: if a leaf is none of the kinds listed in the module's docstring.
        """
        arrays: dict[str, np.ndarray] = {}
        header = {"format": FORMAT, **self._spent(), "state": _encode(state, arrays)}
        arrays["header"] = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
        stream = io.BytesIO()
        np.savez(stream, **arrays)
        write_bytes_atomically(self.path, stream.getvalue())

    def load(self) -> dict[str, Any] | None:
        """Return the saved state, or None if there is none that can be read."""
        if not self.path.is_file():
            return None
        try:
            with np.load(self.path, allow_pickle=False) as arrays:
                header = json.loads(arrays["header"].tobytes())
                if header["format"] != FORMAT:
                    raise ValueError(f"format {header['format']}, expected {FORMAT}")
                state = _decode(header["state"], arrays)
        except Exception as error:  # whatever is wrong with it, the run can begin anew
            warnings.warn(f"{self.path} cannot be read ({error}); the run begins anew.", stacklevel=2)
            return None
        self._begin(header["seconds"], header.get("processor_seconds", header["seconds"]))
        return state

    def clear(self) -> None:
        """Forget the state; the run has ended."""
        self.path.unlink(missing_ok=True)


def _encode(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    """Return JSON for `value` and move its arrays into `arrays`."""
    if isinstance(value, dict):
        return {"dict": [[_plain(key), _encode(part, arrays)] for key, part in value.items()]}
    if isinstance(value, list | tuple):
        return [_encode(part, arrays) for part in value]
    if isinstance(value, np.ndarray | np.generic):
        return {"numpy": _store(np.asarray(value), arrays)}
    if type(value).__module__.partition(".")[0] == "torch" and hasattr(value, "detach"):
        return _encode_tensor(value, arrays)
    return _plain(value)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(
        f"{type(value).__name__} {value!r} in a checkpoint; "
        "expected tensors, arrays, numbers, strings, lists or dictionaries: convert it first."
    )


def _encode_tensor(value: Any, arrays: dict[str, np.ndarray]) -> dict[str, str]:
    """Store a tensor; bfloat16, which numpy lacks, as the bits of int16."""
    import torch

    tensor = value.detach().cpu()
    kind = "bfloat16" if tensor.dtype == torch.bfloat16 else "torch"
    return {kind: _store((tensor.view(torch.int16) if kind == "bfloat16" else tensor).numpy(), arrays)}


def _store(array: np.ndarray, arrays: dict[str, np.ndarray]) -> str:
    if array.dtype == object:
        raise TypeError("array of objects in a checkpoint; expected an array of numbers: convert it first.")
    name = f"a{len(arrays)}"
    arrays[name] = array
    return name


def _decode(value: Any, arrays: Any) -> Any:
    """Undo `_encode`."""
    if isinstance(value, list):
        return [_decode(part, arrays) for part in value]
    if not isinstance(value, dict):
        return value
    (kind, content), *_ = value.items()
    if kind == "dict":
        return {key: _decode(part, arrays) for key, part in content}
    if kind == "numpy":
        return arrays[content] if arrays[content].ndim else arrays[content][()]
    import torch

    tensor = torch.from_numpy(np.array(arrays[content]))
    return tensor.view(torch.bfloat16) if kind == "bfloat16" else tensor
