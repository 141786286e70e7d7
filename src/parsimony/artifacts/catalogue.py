"""Every table and figure of the book, by its permanent identifier."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from parsimony.artifacts.artifact import Artifact
from parsimony.artifacts.cold_start_methods import GENERATED
from parsimony.artifacts.explorable_structures import KNOWN, SEARCHED, TRAINED
from parsimony.artifacts.few_shot_methods import DATASETS as MOLECULES
from parsimony.artifacts.few_shot_methods import METHODS as FEW_SHOT
from parsimony.artifacts.figure_1 import figure_1
from parsimony.artifacts.figure_2 import figure_2
from parsimony.artifacts.figure_3 import figure_3
from parsimony.artifacts.figure_4 import figure_4
from parsimony.artifacts.figure_5 import figure_5
from parsimony.artifacts.figure_6 import figure_6
from parsimony.artifacts.figure_7 import figure_7
from parsimony.artifacts.figure_8 import figure_8
from parsimony.artifacts.figure_9 import figure_9
from parsimony.artifacts.figure_10 import figure_10
from parsimony.artifacts.figure_11 import figure_11
from parsimony.artifacts.figure_mod_1 import figure_mod_1
from parsimony.artifacts.figure_mod_2 import figure_mod_2
from parsimony.artifacts.figure_mod_3 import figure_mod_3
from parsimony.artifacts.figure_mod_4 import figure_mod_4
from parsimony.artifacts.figure_mod_5 import figure_mod_5
from parsimony.artifacts.figure_mod_6 import figure_mod_6
from parsimony.artifacts.image_cells import DATASET as DIGITS
from parsimony.artifacts.image_cells import METHODS as IMAGE_METHODS
from parsimony.artifacts.image_cells import PRINTED as PHOTOGRAPHS
from parsimony.artifacts.interaction_runs import DRUGBANK, TWOSIDES
from parsimony.artifacts.interaction_runs import FLOW as EMERGNN
from parsimony.artifacts.interaction_runs import GENERATED as PLANTED
from parsimony.artifacts.interaction_runs import METHODS as INTERACTION
from parsimony.artifacts.law_points import DATASET as LAW
from parsimony.artifacts.law_points import METHOD as CLOSED_FORM
from parsimony.artifacts.law_runs import CORRIDORS, LAWS, WALKERS
from parsimony.artifacts.law_runs import METHODS as LAW_METHODS
from parsimony.artifacts.names import CLOSED_FORMS
from parsimony.artifacts.own_adaptation import own_adaptation
from parsimony.artifacts.own_best_evaluation import own_best_evaluation
from parsimony.artifacts.own_calibration import own_calibration
from parsimony.artifacts.own_closed_forms import DATASETS as COLD_START
from parsimony.artifacts.own_closed_forms import own_closed_forms
from parsimony.artifacts.own_cost import DATASETS as COST_SETS
from parsimony.artifacts.own_cost import own_cost
from parsimony.artifacts.own_depth import DATASETS as FEW_PROPERTIES
from parsimony.artifacts.own_depth import own_depth
from parsimony.artifacts.own_drug_curves import own_drug_curves
from parsimony.artifacts.own_drug_evidence import own_drug_evidence
from parsimony.artifacts.own_drug_speed import own_drug_speed
from parsimony.artifacts.own_drugs import own_drugs, own_drugs_further
from parsimony.artifacts.own_evidence import own_evidence
from parsimony.artifacts.own_few_shot_speed import own_few_shot_speed
from parsimony.artifacts.own_fit import own_fit
from parsimony.artifacts.own_gates import own_gates
from parsimony.artifacts.own_held_off import own_held_off
from parsimony.artifacts.own_laws import own_laws
from parsimony.artifacts.own_leak import DATASETS as LAST_FM
from parsimony.artifacts.own_leak import own_leak
from parsimony.artifacts.own_learning_curves import own_learning_curves
from parsimony.artifacts.own_noise import own_noise
from parsimony.artifacts.own_parsimony import own_parsimony
from parsimony.artifacts.own_pedestrians import DATASETS as PEDESTRIANS
from parsimony.artifacts.own_pedestrians import own_pedestrians
from parsimony.artifacts.own_per_property import own_per_property
from parsimony.artifacts.own_planted import own_planted
from parsimony.artifacts.own_reasoning_cost import own_reasoning_cost
from parsimony.artifacts.own_reasoning_curves import own_reasoning_curves
from parsimony.artifacts.own_reasoning_speed import own_reasoning_speed
from parsimony.artifacts.own_recovery import own_recovery, own_recovery_table
from parsimony.artifacts.own_relation_graph import own_relation_graph
from parsimony.artifacts.own_rounding import own_rounding
from parsimony.artifacts.own_rules import own_rules
from parsimony.artifacts.own_steps import own_steps
from parsimony.artifacts.own_structures import own_structures
from parsimony.artifacts.own_trajectories import own_trajectories
from parsimony.artifacts.own_trust import own_trust
from parsimony.artifacts.own_tuning import own_tuning
from parsimony.artifacts.sine_cells import DATASET as SINES
from parsimony.artifacts.sine_cells import METHODS as SINE_METHODS
from parsimony.artifacts.table_1 import table_1
from parsimony.artifacts.table_2 import METHOD_OF_ROW, own_hits, table_2
from parsimony.artifacts.table_3 import COLUMNS as TABLE_3_SETS
from parsimony.artifacts.table_3 import METHOD_OF_ROW as METHOD_OF_ROW_3
from parsimony.artifacts.table_3 import table_3
from parsimony.artifacts.table_4 import table_4
from parsimony.artifacts.table_5 import table_5
from parsimony.artifacts.table_6 import FILES as REASONING_SETS
from parsimony.artifacts.table_6 import GENERATED as FAMILIES
from parsimony.artifacts.table_6 import METHODS as REASONING
from parsimony.artifacts.table_6 import own_reasoning_hits, table_6
from parsimony.artifacts.table_mod_1 import table_mod_1
from parsimony.artifacts.table_mod_2 import table_mod_2
from parsimony.artifacts.table_mod_3 import table_mod_3
from parsimony.artifacts.table_mod_4 import table_mod_4
from parsimony.records import Archive

SEARCHES = ("autoblm", "autoblm-plus")
COLD_START_METHODS = tuple(dict.fromkeys(METHOD_OF_ROW_3.values()))
ALL_COLD_START = (*COLD_START_METHODS, *CLOSED_FORMS)
WALKING = tuple(dict.fromkeys(method for method, _ in WALKERS.values()))
MODULAR = tuple(dict.fromkeys((*SINE_METHODS, *IMAGE_METHODS)))
PREDICTING = (*METHOD_OF_ROW.values(), *COLD_START_METHODS, *FEW_SHOT, *REASONING)
EVERY_METHOD = tuple(dict.fromkeys((*PREDICTING, *LAW_METHODS, *WALKING, *INTERACTION, *MODULAR)))
DRUGS = (DRUGBANK, TWOSIDES, PLANTED)
GRAPHS = ("WN18RR", "FB15k-237", "YAGO3-10", "UMLS", "Kinships")


@dataclass(frozen=True)
class Entry:
    """One table or figure.

    Attributes:
        id: permanent identifier.
        title: a short name.
        make: from records to the artifact.
        notebook: notebook that publishes it.
        methods: methods whose runs it shows; none for a picture that needs no run.
        datasets: data sets of those runs.
    """

    id: str
    title: str
    make: Callable[[Archive], Artifact]
    notebook: str
    methods: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()


ARTIFACTS: Mapping[str, Entry] = {
    entry.id: entry
    for entry in (
        Entry("fig-1", "Bottlenecks and answers", figure_1, "landscape"),
        Entry("fig-2", "Knowledge and data", figure_2, "landscape"),
        Entry("tab-1", "Knowledge, function and their link", table_1, "landscape"),
        Entry("fig-3", "Searching a scoring function", figure_3, "model", (*SEARCHES, *KNOWN), (*SEARCHED, *TRAINED)),
        Entry("tab-2", "Link prediction: MRR", table_2, "model", tuple(METHOD_OF_ROW.values()), GRAPHS),
        Entry(
            "tab-own-hits", "Link prediction: H@1 and H@10", own_hits, "model", tuple(METHOD_OF_ROW.values()), GRAPHS
        ),
        Entry(
            "fig-own-structures", "The landscape of structures", own_structures, "model", SEARCHES, ("UMLS", "Kinships")
        ),
        Entry("fig-4", "Searching where to modulate", figure_4, "model", ("coldnas",), COST_SETS),
        Entry("tab-3", "Cold-start users: MSE and MAE", table_3, "model", COLD_START_METHODS, TABLE_3_SETS),
        Entry(
            "tab-own-closed-forms",
            "Cold-start users: what needs no training",
            own_closed_forms,
            "model",
            ALL_COLD_START,
            COLD_START,
        ),
        Entry("fig-own-leak", "With and without the leak", own_leak, "model", ALL_COLD_START, LAST_FM),
        Entry("fig-own-gates", "Gates over the search", own_gates, "model", ("coldnas",), COST_SETS),
        Entry("fig-own-planted", "Is the planted structure found?", own_planted, "model", ("coldnas",), (GENERATED,)),
        Entry("fig-own-cost", "What accuracy costs", own_cost, "model", ALL_COLD_START, COST_SETS),
        Entry("fig-5", "Adapting few parameters", figure_5, "training"),
        Entry("tab-4", "Parameters in all and adapted", table_4, "training", FEW_SHOT, MOLECULES),
        Entry("tab-5", "Few-shot property prediction: ROC-AUC", table_5, "training", FEW_SHOT, MOLECULES),
        Entry(
            "fig-own-parsimony-of-adaptation",
            "The parsimony of adaptation",
            own_adaptation,
            "training",
            FEW_SHOT,
            MOLECULES,
        ),
        Entry("fig-own-learning-curves", "Learning curves", own_learning_curves, "training", FEW_SHOT, MOLECULES),
        Entry(
            "tab-own-best-evaluation",
            "The last iteration and the best evaluation",
            own_best_evaluation,
            "training",
            FEW_SHOT,
            MOLECULES,
        ),
        Entry("tab-own-few-shot-speed", "What sharing work saves", own_few_shot_speed, "training"),
        Entry("tab-own-rounding", "Products rounded to bfloat16", own_rounding, "training", ("par",), ("Tox21",)),
        Entry("tab-own-fit", "Properties learnt from and new ones", own_fit, "training", FEW_SHOT, MOLECULES),
        Entry("tab-own-tuning", "Settings of PAR", own_tuning, "training", ("par",), ("Tox21",)),
        Entry("tab-own-noise", "Noise that passes share", own_noise, "training", ("par",), ("Tox21",)),
        Entry(
            "fig-own-per-property",
            "Every property on its own",
            own_per_property,
            "training",
            FEW_SHOT,
            FEW_PROPERTIES,
        ),
        Entry(
            "fig-own-relation-graph",
            "A relation graph of molecules",
            own_relation_graph,
            "training",
            ("par",),
            MOLECULES,
        ),
        Entry("fig-own-depth", "The depth that PACIA chooses", own_depth, "training", ("pacia",), FEW_PROPERTIES),
        Entry("fig-6", "From graph to relational digraph", figure_6, "interpretation"),
        Entry("tab-6", "Reasoning on knowledge graphs: MRR", table_6, "interpretation", REASONING, REASONING_SETS),
        Entry(
            "tab-own-reasoning-hits",
            "Reasoning on knowledge graphs: H@1 and H@10",
            own_reasoning_hits,
            "interpretation",
            REASONING,
            REASONING_SETS,
        ),
        Entry("fig-7", "A learned relational digraph", figure_7, "interpretation", ("redgnn", "drum"), ("family",)),
        Entry(
            "fig-own-evidence", "Is the evidence the reason?", own_evidence, "interpretation", ("redgnn",), (FAMILIES,)
        ),
        Entry("tab-own-rules", "Rules that were learned", own_rules, "interpretation", ("redgnn", "drum"), (FAMILIES,)),
        Entry(
            "fig-own-reasoning-curves",
            "What a minute of training buys",
            own_reasoning_curves,
            "interpretation",
            REASONING,
            REASONING_SETS,
        ),
        Entry("fig-own-reasoning-speed", "Speed of reasoning", own_reasoning_speed, "interpretation"),
        Entry("fig-own-reasoning-cost", "The cost of a query", own_reasoning_cost, "interpretation"),
        Entry("fig-8", "From a block to a formula", figure_8, "interpretation", ("gsr",), (*LAWS, *CORRIDORS)),
        Entry("tab-own-laws", "Formulas, held against the true laws", own_laws, "interpretation", LAW_METHODS, LAWS),
        Entry(
            "tab-own-recovery", "How well laws are explained", own_recovery_table, "interpretation", LAW_METHODS, LAWS
        ),
        Entry(
            "fig-own-recovery",
            "Recovery against noise and number of graphs",
            own_recovery,
            "interpretation",
            ("gsr",),
            LAWS,
        ),
        Entry("fig-9", "Laws of pedestrians", figure_9, "interpretation", WALKING, ("sfm", "bi", "uni", *CORRIDORS)),
        Entry(
            "tab-own-pedestrians",
            "Laws of pedestrians in numbers",
            own_pedestrians,
            "interpretation",
            WALKING,
            PEDESTRIANS,
        ),
        Entry("fig-own-trajectories", "Simulated walks", own_trajectories, "interpretation", WALKING, tuple(CORRIDORS)),
        Entry(
            "fig-10", "Flows between two drugs, and what data buy", figure_10, "drug_development", INTERACTION, DRUGS
        ),
        Entry("tab-own-drugs", "Interactions of emerging drugs", own_drugs, "drug_development", INTERACTION, DRUGS),
        Entry(
            "tab-own-drugs-further",
            "Interactions of emerging drugs: further measures",
            own_drugs_further,
            "drug_development",
            INTERACTION,
            DRUGS,
        ),
        Entry(
            "fig-own-drug-curves",
            "What a minute of training buys, drug by drug",
            own_drug_curves,
            "drug_development",
            INTERACTION,
            DRUGS,
        ),
        Entry(
            "tab-own-held-off",
            "Settings against overfitting",
            own_held_off,
            "drug_development",
            (EMERGNN, "fingerprint-mlp"),
            (DRUGBANK,),
        ),
        Entry("fig-own-drug-speed", "The cost of a flow", own_drug_speed, "drug_development"),
        Entry("fig-11", "Why an interaction is predicted", figure_11, "drug_development", INTERACTION, DRUGS),
        Entry(
            "fig-own-drug-evidence",
            "Does it point to the mechanism?",
            own_drug_evidence,
            "drug_development",
            (EMERGNN,),
            (PLANTED,),
        ),
        Entry(
            "fig-own-calibration",
            "Are its probabilities to be believed?",
            own_calibration,
            "drug_development",
            INTERACTION,
            DRUGS,
        ),
        Entry("fig-own-trust", "When not to trust it", own_trust, "drug_development", INTERACTION, DRUGS),
        Entry("fig-mod-1", "One module of the sine task", figure_mod_1, "modularity", ("modular-rule",), (SINES,)),
        Entry("fig-mod-2", "The law and monolithic networks", figure_mod_2, "modularity", ("monolithic",), (SINES,)),
        Entry(
            "fig-mod-3", "Samples that one network and modules need", figure_mod_3, "modularity", (CLOSED_FORM,), (LAW,)
        ),
        Entry("tab-mod-1", "The scaling law beside its simulation", table_mod_1, "modularity", (CLOSED_FORM,), (LAW,)),
        Entry("fig-mod-4", "Samples needed, measured", figure_mod_4, "modularity", SINE_METHODS, (SINES,)),
        Entry(
            "tab-mod-2",
            "Growth of the samples needed",
            table_mod_2,
            "modularity",
            (*SINE_METHODS, CLOSED_FORM),
            (SINES, LAW),
        ),
        Entry("tab-own-steps", "The size of a step, chosen again", own_steps, "modularity", IMAGE_METHODS, (SINES,)),
        Entry("fig-mod-5", "Learnt and true projections", figure_mod_5, "modularity", SINE_METHODS, (SINES,)),
        Entry("tab-mod-3", "What makes the rule find modules", table_mod_3, "modularity", ("modular-rule",), (SINES,)),
        Entry("fig-mod-6", "Compositional images", figure_mod_6, "modularity", IMAGE_METHODS, (DIGITS,)),
        Entry(
            "tab-mod-4",
            "Compositional images: clean, unseen, noisy",
            table_mod_4,
            "modularity",
            IMAGE_METHODS,
            (DIGITS, PHOTOGRAPHS),
        ),
        Entry(
            "fig-own-parsimony",
            "All methods on common axes",
            own_parsimony,
            "modularity",
            EVERY_METHOD,
            (*GRAPHS, *TABLE_3_SETS, *LAST_FM, *MOLECULES, *REASONING_SETS, *LAWS, *PEDESTRIANS, *DRUGS, SINES, DIGITS),
        ),
    )
}


def build(identifier: str, archive: Archive) -> Artifact:
    """Make a table or figure from the records.

    Raises:
        ValueError: if no artifact has this identifier.
    """
    if identifier not in ARTIFACTS:
        raise ValueError(f"artifact {identifier!r} given; known are {', '.join(ARTIFACTS)}.")
    return ARTIFACTS[identifier].make(archive)
