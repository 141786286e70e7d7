"""What the first paper sets side by side: bottleneck, answer, knowledge and function of each method."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Method:
    """One method of the first paper.

    Attributes:
        name: as in the paper.
        section: where the paper presents it.
        axis: which of the three kinds of parsimony it serves.
        knowledge: what is known, and in which symbolic form (knowledge space).
        function: which neural function that knowledge shapes (function space).
        link: how the two are tied.
        shown: tables and figures that show it.
    """

    name: str
    section: str
    axis: str
    knowledge: str
    function: str
    link: str
    shown: str


METHODS = (
    Method("AutoBLM", "3.1", "model", "relations are symmetric, inverse, general", "bilinear score of a triple",
           "4 × 4 structure of signed chunks, searched", "Table 2, Figure 3"),
    Method("ColdNAS", "3.2", "model", "users differ in a few traits", "predictor of ratings",
           "four modulations per layer, searched", "Table 3, Figure 4"),
    Method("PAR", "4.1", "training", "a property concerns some molecules alike", "molecule encoder",
           "relation graph of the molecules of a task", "Tables 4 and 5, Figure 5"),
    Method("PACIA", "4.2", "training", "tasks differ in a few directions", "encoder and relation graph",
           "hypernetwork that sets a few scales", "Tables 4 and 5, Figure 5"),
    Method("RED-GNN", "5.1", "interpretation", "paths of relations that meet", "message passing from one entity",
           "relational digraph with attention", "Table 6, Figures 6 and 7"),
    Method("GSR", "5.2", "interpretation", "laws with units and symmetries", "messages between bodies",
           "symbolic regression of each part", "Figures 8 and 9"),
    Method("EmerGNN", "6", "all three", "biomedical network around two drugs", "flow from drug to drug",
           "weighted paths between the pair", "Figures 10 and 11"),
)  # fmt: skip

# Bottleneck of scaling up, what parsimony does about it, and what knowledge makes that possible.
BOTTLENECKS = (
    ("Model", "more parameters than\nthe task can justify", "search small structures\nthat knowledge suggests", "3"),
    ("Training", "more samples than\nexist for rare tasks", "adapt a few parameters\nper task", "4"),
    ("Interpretation", "more black box than\na person can check", "reason over symbols\na person can read", "5"),
)
