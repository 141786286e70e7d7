"""Which module carries out a task.

Modules stand here by name, not as objects, because the command line and the fingerprint need to know them
without importing torch. Each offers `run(specification, checkpoint, progress, device) -> Outcome`.
"""

from __future__ import annotations

from importlib.util import find_spec

from parsimony.records import Specification

OPERON = "pyoperon"  # has no wheel for every machine
READ_BY_OPERON = ("gsr", "fullgn", "symdl", "aggregates")

TASKS: dict[str, str] = {
    "link prediction": "parsimony.experiments.link_prediction",
    "relational network": "parsimony.experiments.relational_network",
    "graph reasoning": "parsimony.experiments.reasoning.graph_reasoning",
    "structure search": "parsimony.experiments.structure_search",
    "cold start": "parsimony.experiments.cold_start.recommender",
    "modulation search": "parsimony.experiments.cold_start.modulation_search",
    "rating means": "parsimony.experiments.cold_start.rating_means",
    "few-shot property": "parsimony.experiments.few_shot.property_prediction",
    "annealed few-shot property": "parsimony.experiments.few_shot.annealing",
    "few-shot property with noise apart": "parsimony.experiments.few_shot.noise_apart",
    "law recovery": "parsimony.experiments.graph_laws.law_recovery",
    "pedestrian law": "parsimony.experiments.graph_laws.pedestrian_law",
    "scaling law": "parsimony.experiments.modularity.scaling_law",
    "projection search": "parsimony.experiments.modularity.projection_search",
    "sine regression": "parsimony.experiments.modularity.sine_regression",
    "image classification": "parsimony.experiments.modularity.image_classification",
    "drug interactions": "parsimony.experiments.interactions.interaction_prediction",
    "drug interactions by pairs and facts": "parsimony.experiments.interactions.pairs_and_facts",
    "drug interactions fitted once": "parsimony.experiments.interactions.fitted_once",
    "drug interactions by molecules and texts": "parsimony.experiments.interactions.molecules_and_texts",
}


def task_module(specification: Specification) -> str:
    """Return the module that carries out a specification.

    Raises:
        ValueError: if its task is not known.
    """
    if specification.task not in TASKS:
        known = ", ".join(sorted(TASKS))
        raise ValueError(f"task {specification.task!r} given for {specification.name}; known tasks: {known}.")
    return TASKS[specification.task]


def lacking(specification: Specification) -> str | None:
    """Return the package that a run needs and that is not installed here, if there is one."""
    fits_a_form = "form" in specification.settings.get("options", {})
    is_read = specification.method in READ_BY_OPERON and not fits_a_form
    return OPERON if is_read and find_spec(OPERON) is None else None
