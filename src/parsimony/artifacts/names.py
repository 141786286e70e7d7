"""Names of methods as readers know them."""

from __future__ import annotations

CLOSED_FORMS = {
    "constant": "constant", "support-mean": "support mean", "item-mean": "item mean",
    "item-user-mean": "item and user mean", "half-ones": "half ones", "half-ones-items": "half ones and item mean",
}  # fmt: skip
METHOD_NAMES = {
    "autoblm": "AutoBLM", "autoblm-plus": "AutoBLM+", "distmult": "DistMult", "complex": "ComplEx",
    "simple": "SimplE", "analogy": "Analogy", "compgcn": "CompGCN", "interstellar": "Interstellar",
    "coldnas": "ColdNAS", "film": "FiLM", "no-modulation": "no modulation", "tanp": "TaNP", "mamo": "MAMO",
    "melu": "MeLU", "par": "PAR", "pacia": "PACIA", "maml": "MAML", "protonet": "ProtoNet", "siamese": "Siamese",
    "monolithic": "monolithic", "modular": "modular", "modular-rule": "modular, rule",
    "modular-true": "modular, truth", "linear-modules": "linear modules", "closed-form": "closed form",
    "tpn": "TPN", "egnn": "EGNN", "iterreflstm": "IterRefLSTM", "adkf-ift": "ADKF-IFT", "redgnn": "RED-GNN",
    "nbfnet": "NBFNet", "drum": "DRUM", "rnnlogic": "RNNLogic", "adaprop": "AdaProp", "gsr": "GSR", "fullgn": "FullGN",
    "symdl": "SymDL", "aggregates": "aggregates", "black-box": "black box", "social-force": "social force model",
    "constant-velocity": "constant velocity", "emergnn": "EmerGNN", "fingerprint-mlp": "fingerprint MLP",
    "csmddi": "CSMDDI", "hin-ddi": "HIN-DDI", "kg-ddi": "KG-DDI", "decagon": "Decagon", "deeplgf": "DeepLGF",
    "tiger": "TIGER", "text-ddi-lite": "TextDDI-lite", "text-ddi": "TextDDI", **CLOSED_FORMS,
}  # fmt: skip
# Variants that are methods of their own, not other settings of the same method.
NAMED_VARIANTS = {
    "released": "released structure", "second-order": "second order", "all-users": "all users", "compact": "compact",
    "modules": "sweep over modules", "widths": "sweep over widths", "raw": "raw target", "search": "search alone",
    "1-shot": "1-shot", "1-shot-second-order": "1-shot, second order", "1-shot-compact": "1-shot, compact",
    "facts90": "90 % of the facts", "www2022": "settings of 2022", "noise1": "1 % noise", "noise10": "10 % noise",
    "graphs100": "100 graphs", "graphs300": "300 graphs", "graphs1000": "1,000 graphs", "printed": "formula as printed",
    "closing": "formula, only if closing", "choice-1200": "1,200 steps of 256", "choice-4800": "4,800 steps of 64",
    "data10": "10 % of the pairs", "data30": "30 % of the pairs",
    "apart": "noise as the authors draw it", "shallow": "shallow", "together": "combined",
    "shallow-annealed": "shallow, annealed",
    "s2-narrow": "half as wide", "s2-decay": "weight decay", "s2-ddi-bench": "settings of DDI-Bench",
}  # fmt: skip
# One graph whose triples several sources ship in other files, under other names.
FILES_OF_GRAPH = {"WN18RR": ("WN18RR", "WN18RR-facts")}


def name_of(method: str, variant: str = "") -> str:
    """Return the name of a method and, after a comma, of its variant."""
    name = METHOD_NAMES.get(method, method)
    return f"{name}, {NAMED_VARIANTS.get(variant, variant)}" if variant else name


def graph_of(dataset: str) -> str:
    """Return the graph that a data set holds, which is the column of a published table."""
    return next((graph for graph, files in FILES_OF_GRAPH.items() if dataset in files), dataset)
