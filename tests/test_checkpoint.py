"""The state of an unfinished run on disk."""

from pathlib import Path

import numpy as np
import pytest
import torch

from parsimony.experiments.checkpoint import Checkpoint

STATE = {
    "epoch": 3,
    "note": "ü",
    "rate": 0.1,
    "none": None,
    "done": True,
    "limit": float("inf"),
    "nested": {1: [torch.arange(6).view(2, 3), {"empty": {}, "list": []}], "dict": "a key of this name"},
    "half": torch.tensor([1.5, -2.0], dtype=torch.bfloat16),
    "array": np.array([[1.0, 2.0]]),
}


def test_state_comes_back_bit_for_bit(tmp_path: Path) -> None:
    """Tensors, arrays, numbers, texts and their nesting survive, and so do numbers as keys."""
    Checkpoint(tmp_path / "folder" / "state.npz").save(STATE)
    loaded = Checkpoint(tmp_path / "folder" / "state.npz").load()
    assert list(STATE) == list(loaded)
    for name in ("epoch", "note", "rate", "none", "done", "limit"):
        assert STATE[name] == loaded[name]
    assert torch.equal(STATE["nested"][1][0], loaded["nested"][1][0])
    assert [{"empty": {}, "list": []}, "a key of this name"] == [
        loaded["nested"][1][1],
        loaded["nested"]["dict"],
    ]
    assert torch.bfloat16 == loaded["half"].dtype and torch.equal(STATE["half"], loaded["half"])
    assert np.array_equal(STATE["array"], loaded["array"])


def test_generator_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """A generator restored from a checkpoint draws what the first one draws next."""
    generator, other = torch.Generator().manual_seed(5), torch.Generator()
    torch.rand(7, generator=generator)
    checkpoint = Checkpoint(tmp_path / "state.npz")
    checkpoint.save({"generator": generator.get_state()})
    other.set_state(checkpoint.load()["generator"])
    assert torch.equal(torch.rand(5, generator=generator), torch.rand(5, generator=other))


def test_seconds_add_up_over_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second start counts on from the seconds that the first one had spent when it saved."""
    clock = iter([0.0, 10.0, 100.0, 100.0, 105.0])
    monkeypatch.setattr("parsimony.experiments.checkpoint.time.monotonic", lambda: next(clock))
    Checkpoint(tmp_path / "state.npz").save({})
    second = Checkpoint(tmp_path / "state.npz")
    assert {} == second.load()
    assert 15.0 == second.seconds


def test_time_of_the_processor_adds_up_over_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what the processor did counts: 4 seconds before the save, 3 after it, and what came from elsewhere."""
    clock = iter([1.0, 5.0, 5.0, 50.0])
    monkeypatch.setattr("parsimony.experiments.checkpoint.now", lambda: next(clock, 53.0))
    Checkpoint(tmp_path / "state.npz").save({})
    second = Checkpoint(tmp_path / "state.npz")
    second.load()
    assert 7.0 == second.processor_seconds
    second.add(2.0)
    assert 9.0 == second.processor_seconds


def test_unreadable_file_is_ignored_with_a_warning(tmp_path: Path) -> None:
    """A truncated file and a foreign file let the run begin anew."""
    checkpoint = Checkpoint(tmp_path / "state.npz")
    assert checkpoint.load() is None
    checkpoint.save(STATE)
    checkpoint.path.write_bytes(checkpoint.path.read_bytes()[:300])
    with pytest.warns(UserWarning, match="begins anew"):
        assert checkpoint.load() is None
    checkpoint.path.write_text("something else")
    with pytest.warns(UserWarning, match="cannot be read"):
        assert checkpoint.load() is None


def test_pickles_are_never_loaded(tmp_path: Path) -> None:
    """An array of objects, which only a pickle can hold, is neither saved nor loaded."""
    checkpoint = Checkpoint(tmp_path / "state.npz")
    with pytest.raises(TypeError, match="array of objects"):
        checkpoint.save({"objects": np.array([{}], dtype=object)})
    with pytest.raises(TypeError, match="convert it first"):
        checkpoint.save({"set": {1, 2}})
    np.savez(checkpoint.path, header=np.array([{}], dtype=object))
    with pytest.warns(UserWarning, match="begins anew"):
        assert checkpoint.load() is None


def test_failed_save_keeps_the_earlier_state(tmp_path: Path) -> None:
    """A state that cannot be saved destroys nothing, and clear forgets everything."""
    checkpoint = Checkpoint(tmp_path / "state.npz")
    checkpoint.save({"epoch": 1})
    with pytest.raises(TypeError):
        checkpoint.save({"epoch": object()})
    assert {"epoch": 1} == checkpoint.load()
    assert [checkpoint.path] == list(tmp_path.iterdir())
    checkpoint.clear()
    assert checkpoint.load() is None
