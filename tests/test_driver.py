"""Runs, alone and side by side: freshness, resumption, failure, interruption."""

import json
import os
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import torch
from tests.small_checkout import SmallCheckout

from parsimony import paths
from parsimony.experiments import driver, fingerprint, machine
from parsimony.records import Outcome, Specification, read_record

ASKED = Specification(task="toy", method="toy", dataset="Toy", seed=3, profile="quick", settings={"steps": 4})


class Toy(ModuleType):
    """A task that draws numbers, keeps its state, and can be told to stop after so many steps."""

    stop_after: int | None = None
    calls = 0

    def run(self, specification, checkpoint, progress, device) -> Outcome:
        self.calls += 1
        state = checkpoint.load() or {"draws": [], "generator": torch.random.get_rng_state()}
        torch.random.set_rng_state(state["generator"])
        while len(state["draws"]) < specification.settings["steps"]:
            if len(state["draws"]) == self.stop_after:
                raise ValueError("stopped")
            state["draws"].append(torch.rand(()).item())
            state["generator"] = torch.random.get_rng_state()
            checkpoint.save(state)
            progress.update(len(state["draws"]), specification.settings["steps"])
        return Outcome(metrics={"MRR": 0.5}, measurements={"draws": state["draws"]}, parameters=7)


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toy:
    """The toy task, with results and build folders of its own."""
    task = Toy("toy")
    monkeypatch.setitem(sys.modules, "toy_task", task)
    monkeypatch.setitem(driver.TASKS, "toy", "toy_task")
    monkeypatch.setattr(paths, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(paths, "BUILD", tmp_path / "build")
    for module in (fingerprint, driver):
        monkeypatch.setattr(module, "data_digests", lambda dataset: {"train.txt": "0" * 64})
        monkeypatch.setattr(module, "source_digest", lambda specification: "1" * 64)
    threads, strict = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    yield task
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(strict)


def test_record_says_what_ran_and_where(toy: Toy) -> None:
    """A finished run leaves a record with cost, machine and packages, and no checkpoint."""
    record = read_record(driver.run(ASKED))
    assert ASKED == record.specification
    assert (7, {"MRR": 0.5}) == (record.parameters, record.metrics)
    assert record.peak_memory_bytes > 1_000_000 and record.seconds >= 0
    assert 0 <= record.processor_seconds < 60 and record.processor_seconds / 60 == record.minutes
    assert record.packages["torch"] == torch.__version__ and os.uname().nodename not in record.machine
    assert [] == list((paths.BUILD / "checkpoints").rglob("*.npz"))
    assert torch.are_deterministic_algorithms_enabled()


def test_fresh_record_is_not_run_again(toy: Toy) -> None:
    """A second call returns the same file untouched; force runs again, with the same draws."""
    path = driver.run(ASKED)
    first = path.read_bytes()
    assert path == driver.run(ASKED) and 1 == toy.calls and first == path.read_bytes()
    driver.run(ASKED, force=True)
    assert 2 == toy.calls
    assert json.loads(first)["measurements"] == read_record(path).measurements
    assert driver.is_fresh(ASKED) and not driver.is_fresh(replace(ASKED, settings={"steps": 5}))


def test_broken_record_is_run_again(toy: Toy) -> None:
    """A truncated record does not count as fresh."""
    path = driver.run(ASKED)
    path.write_text(path.read_text()[:50])
    assert ASKED == read_record(driver.run(ASKED)).specification


def test_resumed_run_ends_in_the_same_numbers(toy: Toy) -> None:
    """A run stopped halfway goes on from its checkpoint and draws what an undisturbed run draws."""
    expected = read_record(driver.run(ASKED)).measurements
    toy.stop_after = 2
    with pytest.raises(ValueError, match="stopped"):
        driver.run(ASKED, force=True)
    assert 1 == len(list((paths.BUILD / "checkpoints").rglob("*.npz")))
    toy.stop_after = None
    assert expected == read_record(driver.run(ASKED, force=True)).measurements


def test_failing_rerun_keeps_the_earlier_record(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the code has changed and the new run fails, the record of the old code still lies there."""
    path = driver.run(ASKED)
    for module in (fingerprint, driver):
        monkeypatch.setattr(module, "source_digest", lambda specification: "2" * 64)
    toy.stop_after = 0
    with pytest.raises(ValueError, match="stopped"):
        driver.run(ASKED)
    assert [path] == list(paths.RESULTS.rglob("*.json")) and ASKED == read_record(path).specification


def test_two_callers_do_one_run(toy: Toy) -> None:
    """Who finds a run under way waits for it, is told so, and takes its record."""
    heard, begun, end = [], threading.Event(), threading.Event()
    work = toy.run

    def slow(*arguments):
        begun.set()
        end.wait(20)
        return work(*arguments)

    class Watcher:
        def update(self, done: int, total: int, note: str = "") -> None:
            heard.append(note)
            end.set()

    toy.run = slow
    first = threading.Thread(target=driver.run, args=(ASKED,))
    first.start()
    begun.wait(20)
    driver.run(ASKED, progress=Watcher(), force=True)
    first.join()
    assert 1 == toy.calls and ["waiting for another process that does this run"] == heard


def test_absent_accelerator_is_refused(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    """A device that torch does not find ends in an error before anything is trained."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="use 'cpu'"):
        driver.run(ASKED, device="cuda")
    assert 0 == toy.calls


def test_no_worker_is_refused() -> None:
    """Nought workers would wait for ever."""
    with pytest.raises(ValueError, match="at least 1"):
        driver.run_many([ASKED], workers=0)


def test_cores_are_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each worker gets its share of the cores, and at least one."""
    monkeypatch.setattr(machine, "cores", lambda: 5)
    assert [5, 2, 1] == [machine.cores_of_one(workers) for workers in (1, 2, 9)]


def test_memory_peak_follows_an_allocation() -> None:
    """The peak rises by what is allocated, though it is freed again."""
    before = machine.MemoryPeak().bytes
    peak = machine.MemoryPeak()
    block = bytearray(os.urandom(1024) * 65536)
    del block
    assert peak.bytes > before + 32_000_000


def test_failure_leaves_the_other_runs_alone(tmp_path: Path) -> None:
    """One of three runs fails: two records, status 1, the error in one line and its traceback in a log."""
    checkout = SmallCheckout(tmp_path)
    done = checkout.command("run", "*er-quick*", "--workers", "2")
    assert (0, 2) == (done.returncode, len(checkout.records()))
    done = checkout.command("run", "broken")
    assert 1 == done.returncode
    assert "ValueError: the loss is not finite" in done.stdout and "Traceback" not in done.stdout + done.stderr
    assert "Traceback" in (tmp_path / "build/logs/Toy/broken-quick-seed0.txt").read_text()
    assert 2 == len(checkout.records())


def wait_for(condition, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def checkpoints(root: Path) -> list[Path]:
    return list((root / "build/checkpoints").rglob("slow-*.npz"))


def children_of(process: int) -> list[int]:
    """Return the processes whose parent is `process`, and theirs."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
        if parent == process:
            found += [int(status.parent.name), *children_of(int(status.parent.name))]
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="reads the processes from /proc")
def test_interruption_ends_the_workers_and_the_run_goes_on_later(tmp_path: Path) -> None:
    """Ctrl-C ends every process, says how to go on, and a second start counts on in a second part."""
    checkout = SmallCheckout(tmp_path)
    process = checkout.start("run", "slow", start_new_session=True)
    wait_for(lambda: checkpoints(tmp_path))
    children = children_of(process.pid)
    os.killpg(process.pid, signal.SIGINT)
    shown, errors = process.communicate(timeout=60)
    assert 130 == process.returncode
    assert "same command again" in shown and "Traceback" not in shown + errors
    wait_for(lambda: not any(Path(f"/proc/{child}").exists() for child in children), 20)
    assert [] == checkout.records()
    assert 0 == checkout.command("run", "slow").returncode
    assert 2 == json.loads(checkout.records()[0].read_text())["measurements"]["starts"]
    assert [] == checkpoints(tmp_path)


@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="reads the processes from /proc")
def test_killed_driver_leaves_no_worker_behind(tmp_path: Path) -> None:
    """When the driver is killed, its workers end by themselves and their checkpoint counts."""
    checkout = SmallCheckout(tmp_path)
    process = checkout.start("run", "slow", start_new_session=True)
    wait_for(lambda: checkpoints(tmp_path))
    children = children_of(process.pid)
    process.kill()
    process.communicate()
    wait_for(lambda: not any(Path(f"/proc/{child}").exists() for child in children), 20)
    assert [] == checkout.records() and checkpoints(tmp_path)
