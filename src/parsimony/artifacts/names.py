"""Names of methods as readers know them."""

from __future__ import annotations

METHOD_NAMES = {
    "autoblm": "AutoBLM", "autoblm-plus": "AutoBLM+", "distmult": "DistMult", "complex": "ComplEx",
    "simple": "SimplE", "analogy": "Analogy", "compgcn": "CompGCN", "interstellar": "Interstellar",
}  # fmt: skip
