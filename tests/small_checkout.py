"""A checkout of its own for one test: the package with a small catalogue, a task that counts, no torch."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import parsimony

TROUBLE = 'counting("broken", 0, broken=True), counting("slow", 0, steps=40, seconds=0.2)'

SOUND = """
from typing import NamedTuple
from parsimony.records import Specification

class Expectation(NamedTuple):
    result: str
    minutes: float
    machine: str

def counting(method, seed, profile="quick", **settings):
    return Specification(task="counting", method=method, dataset="Toy", seed=seed, profile=profile,
                         settings={"steps": 3, "seconds": 0.0, **settings})

SPECIFICATIONS = (
    counting("counter", 0), counting("counter", 1), counting("counter", 0, "paper"), TROUBLE
)
EXPECTED = {one.name: Expectation("MRR 0.5", 0.1, "any") for one in SPECIFICATIONS}
"""

CATALOGUE = SOUND.replace("TROUBLE", TROUBLE)

TASK = '''
import time
from parsimony.methods.counted import WEIGHT
from parsimony.records import Outcome

def run(specification, checkpoint, progress, device):
    """Count to the number of steps, and keep the count."""
    settings = specification.settings
    state = checkpoint.load() or {"done": 0, "starts": 0}
    state["starts"] += 1
    while state["done"] < settings["steps"]:
        if settings.get("broken"):
            raise ValueError("the loss is not finite")
        time.sleep(settings["seconds"])
        state["done"] += 1
        checkpoint.save(state)
        progress.update(state["done"], settings["steps"], "counting")
    metrics = {"MRR": 0.25 * WEIGHT, "H@1": 0.25}
    return Outcome(metrics=metrics, measurements={"starts": state["starts"]}, parameters=1)
'''

REGISTRY = '''
from pathlib import Path
from typing import NamedTuple

class DataError(Exception):
    """A data file that is not what it should be."""

class Entry(NamedTuple):
    group: str
    path: str
    sha256: str
    bytes: int
    url: str
    licence: str
    citation: str

EMBEDDED = "embedded"

def entries():
    return {group + "/" + name: Entry(group, name, "0" * 64, 3, "https://example.org/", "CC0", "nobody")
            for group, name in (("embedded", "train.txt"), ("toys", "lost.txt"))}

def cache_folder():
    return Path("absent")

def fetch(entry):
    if entry.path == "lost.txt":
        raise DataError("lost.txt: nothing found, 3 bytes expected; set PARSIMONY_MIRROR.")
    return Path("package") / entry.path
'''

CARDS = """
DATASETS = {}

def digests_of(dataset):
    return {"train.txt": "0" * 64}
"""

ARTIFACTS = """
from types import SimpleNamespace
from parsimony.artifacts.artifact import Artifact

ARTIFACTS = {
    "tab-2": SimpleNamespace(id="tab-2", title="Counting", methods=("counter",), datasets=("Toy",)),
    "fig-3": SimpleNamespace(id="fig-3", title="Slowness", methods=("slow",), datasets=("Toy",)),
}

def build(identifier, archive):
    import pandas
    from matplotlib.figure import Figure
    records = archive.find(method="counter", profile="quick")
    figure = None
    if identifier == "fig-3":
        figure = Figure()
        figure.subplots().plot([0, 1])
    values = [one.record.metrics["MRR"] for one in records[:1]]
    data = pandas.DataFrame({"method": ["counter"] * len(values), "MRR": values})
    return Artifact(id=identifier, title=ARTIFACTS[identifier].title, caption="Counting.", data=data,
                    alt="Counting gives one half whatever the seed.", figure=figure, records=records)
"""

CLAIMS = """
from types import SimpleNamespace

def evaluate_claims(archive):
    return [SimpleNamespace(id="counts", text="Counting counts.", verdict="not run", ours=None, published=0.5,
                            interval=None, comparison="", table="tab-2", runs=())]

def count_verdicts(archive):
    return {"not run": 1}
"""

BENCHMARK = """
NAME = "toy"
TARGET = 2.0

def run(pairs):
    return {"name": NAME, "ratio": 3.0, "target": TARGET, "pairs": pairs, "machine": "a machine"}
"""

TORCH = """
class device:
    def __init__(self, name):
        self.type = name.partition(":")[0]

class cuda:
    is_available = staticmethod(lambda: False)

set_num_threads = set_deterministic_debug_mode = manual_seed = lambda value: None
"""

FILES = {
    "pyproject.toml": "",
    "src/parsimony/experiments/catalogue/__init__.py": CATALOGUE,
    "src/parsimony/experiments/counting.py": TASK,
    "src/parsimony/methods/counted.py": "WEIGHT = 2\n",
    "src/parsimony/data/registry.py": REGISTRY,
    "src/parsimony/data/cards/__init__.py": CARDS,
    "src/parsimony/artifacts/catalogue.py": ARTIFACTS,
    "src/parsimony/artifacts/claims.py": CLAIMS,
    "src/torch.py": TORCH,
    "benchmarks/toy.py": BENCHMARK,
}


class SmallCheckout:
    """The package copied to `root`, with what FILES replaces.

    Args:
        root: empty folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.package = root / "src" / "parsimony"
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(Path(parsimony.__file__).parent, self.package, ignore=ignored)
        tasks = self.package / "experiments" / "tasks.py"
        text = tasks.read_text().replace(
            "TASKS: dict[str, str] = {",
            'TASKS: dict[str, str] = {\n    "counting": "parsimony.experiments.counting",',
        )
        for name, content in {**FILES, "src/parsimony/experiments/tasks.py": text}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(content)

    def start(self, *arguments: str, **options: object) -> subprocess.Popen[str]:
        """Start the command `parsimony` in this checkout, open to Ctrl-C even where the tests run in the background."""
        environment = {**os.environ, "PYTHONPATH": str(self.root / "src"), "PARSIMONY_ROOT": str(self.root)}
        environment |= {"NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "parsimony.cli", *arguments]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(
            command, cwd=self.root, env=environment, preexec_fn=listen_to_interrupts, **pipes, **options
        )

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Carry out the command `parsimony` in this checkout."""
        process = self.start(*arguments)
        shown, errors = process.communicate(timeout=120)
        return subprocess.CompletedProcess(arguments, process.returncode, shown, errors)

    def records(self, pattern: str = "*") -> list[Path]:
        """Return the records of the data set Toy whose names match."""
        return sorted((self.root / "results" / "Toy").glob(f"{pattern}.json"))


def listen_to_interrupts() -> None:
    """Undo that a shell lets what it starts in the background ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
