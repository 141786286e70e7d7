"""A book of two pages and one notebook in a checkout of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from small_checkout import ARTIFACTS, SOUND, SmallCheckout

HERE = Path(__file__).resolve().parents[1]

NOTEBOOK = """# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# (ch-demo)=
# # Counting
# Does counting count? See {numref}`tab-2`, and {numref}`fig-3`.

# %% tags=["parameters"]
profile = "quick"
reads = ["Toy/counter*"]

# %%
from parsimony.book import publish
from parsimony.artifacts.catalogue import build
from parsimony.experiments.archive import open_archive

publish(build("tab-2", open_archive()))

# %%
publish(build("fig-3", open_archive()))

# %% tags=["hide-input"]
from pathlib import Path

print(profile, Path.cwd())
"""

TOC = """format: jb-book
root: book/intro
parts:
  - caption: Chapters
    numbered: true
    chapters:
      - file: book/chapters/demo
  - caption: More
    chapters:
      - file: book/more
      - file: book/explain
"""

INTRO = """---
description: A book about counting.
---
# Counting, a book

It comes to {val}`Toy.counter.quick.MRR:.3f` in {numref}`tab-2`; $a^2$ is mathematics. See {ref}`ch-demo`.
"""

MORE = """---
description: What the book holds.
---
(ch-claims)=
# Lists

```{artifact} fig-own-prose
```

```{artifact-index}
```
```{ledger}
```
```{claims-summary}
```
```{claims-table}
```
```{runs-table}
```
"""

EXPLAIN = (
    r"""---
description: Explanations that answer.
---
# Explanations

$$ """
    + " + ".join(f"a_{{{number}}}" for number in range(60))
    + """ $$

```{artifact} fig-own-grid
```

```{artifact} fig-own-steps
```
"""
)

IN_PROSE = """
for name in ("fig-own-prose", "fig-own-grid", "fig-own-steps"):
    ARTIFACTS[name] = SimpleNamespace(id=name, title="Prose", methods=(), datasets=())
build_runs = build

GRIDS = {
    "kind": "structures",
    "datasets": [
        {"name": "Toy", "structures": [
            {"name": "Found", "note": "By a search.", "entries": [1, 0, -3, 0, 0, 2, 0, -4, 3, 0, 1, 0, 0, 4, 0, 2]},
            {"name": "Diagonal", "note": "Known.", "entries": [1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4]},
        ]},
        {"name": "Game", "structures": [
            {"name": "Swapped", "note": "Known.", "entries": [0, 0, 1, 0, 0, 0, 0, 2, 3, 0, 0, 0, 0, 4, 0, 0]},
        ]},
    ],
}
STEPS = {
    "kind": "searches",
    "searches": [
        {"title": "law", "note": "One run.", "settled": "u1(sum V: a; 1)", "formulas": ["u1 = 2*a"],
         "equations": ["2 a"], "candidates": [
            {"number": n, "step": step, "flow": "u1(sum V: a; 1)", "words": "The whole graph gives 1 number.",
             "complexity": c, "loss": loss, "kept": kept, "front": front}
            for n, step, c, loss, kept, front in [
                (1, "blocks", 12, 0.2, True, False), (2, "layers", 4, 0.9, False, False),
                (3, "sizes", 2, 0.1, True, True)]
        ]},
        {"title": "other law", "note": "Another.", "settled": "u1(U: b; 1)", "formulas": ["u1 = b"], "equations": ["b"],
         "candidates": [{"number": 1, "step": "blocks", "flow": "u1(U: b; 1)", "words": "It gives 1 number.",
                         "complexity": 1, "loss": 0.5, "kept": True, "front": True}]},
    ],
}

def build(identifier, archive):
    from dataclasses import replace
    if identifier in ("fig-own-grid", "fig-own-steps"):
        found = build_runs("fig-3", archive)
        return replace(found, id=identifier, explanation=GRIDS if identifier == "fig-own-grid" else STEPS)
    if identifier != "fig-own-prose":
        return build_runs(identifier, archive)
    graph = {
        "title": "Toy: a leads to b?", "note": "Two steps.", "columns": [["a"], ["c", "d"], ["b"]],
        "edges": [edge(0, "a", "c", 0.9), edge(0, "a", "d", 0.2), edge(1, "c", "b", 0.8), edge(1, "d", "b", 0.9)],
        "paths": [{"edges": [0, 2], "weight": 0.72, "sentence": "a is before c and c is before b."}],
    }
    second = {**graph, "title": "Toy: again?"}
    shown = build_runs("fig-3", archive)
    return replace(shown, id=identifier, title="Prose", graphs=(graph, second), weight="attention")

def edge(layer, head, tail, weight):
    return {"layer": layer, "head": head, "tail": tail, "relation": "before", "kind": "fact", "weight": weight,
            "colour": "#0b66c3", "text": f"{head} is before {tail}"}
"""

PUBLISHED = """table,row,column,measure,value,spread,source
tab-2,Counter,Toy,MRR,0.500,,"Nobody, Table 2"
tab-2,Counter,Toy,H@10,,,the sources give no value
"""


class SmallBook(SmallCheckout):
    """The pages, the notebook and the configuration of the real book below `root`."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        shutil.copytree(HERE / "book" / "_static", root / "book" / "_static")
        for name in ("_config.yml", "pyproject.toml", "data/metadata.toml"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(HERE / name, root / name)
        for name, text in {
            "_toc.yml": TOC,
            "book/intro.md": INTRO,
            "book/more.md": MORE,
            "book/explain.md": EXPLAIN,
            "book/references.bib": "",
            "notebooks/demo.py": NOTEBOOK,
            "data/published/tab-2.csv": PUBLISHED,
            "CHANGELOG.md": "# Changes\n\n## [0.1.0] - 2026-01-02\n\n- It counts.\n",
            "src/parsimony/artifacts/catalogue.py": ARTIFACTS + IN_PROSE,
            "src/parsimony/experiments/catalogue/__init__.py": SOUND.replace("TROUBLE", ""),
        }.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        """Write one file of the checkout."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def replace(self, name: str, old: str, new: str) -> None:
        """Change one file of the checkout."""
        text = (self.root / name).read_text()
        assert old in text
        self.write(name, text.replace(old, new))

    def module(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Carry out `python -m NAME ...` in this checkout."""
        return self._carry_out(sys.executable, "-m", name, *arguments)

    def program(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Carry out a program of the environment in this checkout."""
        return self._carry_out(str(Path(sys.executable).with_name(name)), *arguments)

    def _carry_out(self, *command: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(self.root / "src"), "PARSIMONY_ROOT": str(self.root)}
        environment |= {"NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(
            command, cwd=self.root, env=environment, capture_output=True, text=True, timeout=240, check=False
        )

    @property
    def chapter(self) -> Path:
        """The executed notebook."""
        return self.root / "book" / "chapters" / "demo.ipynb"
