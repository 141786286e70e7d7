"""The catalogue of runs: every entry can start, has a name of its own and says what to expect."""

import re
from collections import Counter
from dataclasses import replace

import pytest

from parsimony.artifacts import few_shot_methods, modulation_gates
from parsimony.data import planted_users
from parsimony.data.cards import DATASETS
from parsimony.experiments.archive import open_archive
from parsimony.experiments.catalogue import EXPECTED, SPECIFICATIONS, few_shot
from parsimony.experiments.cold_start.modulation_search import ModulationSearch
from parsimony.experiments.cold_start.rating_means import FITS, RatingMeans
from parsimony.experiments.cold_start.recommender import ColdStartRun
from parsimony.experiments.few_shot.annealing import AnnealedRun
from parsimony.experiments.few_shot.models import MODELS
from parsimony.experiments.few_shot.settings import FewShotRun
from parsimony.experiments.graph_laws.law_recovery import LawRecovery
from parsimony.experiments.graph_laws.learners import LEARNERS
from parsimony.experiments.graph_laws.pedestrian_law import PedestrianLaw
from parsimony.experiments.graph_laws.walking_laws import WALKERS
from parsimony.experiments.interactions.fitted_once import ESTIMATORS
from parsimony.experiments.interactions.molecules_and_texts import LEARNERS as READERS
from parsimony.experiments.interactions.pairs_and_facts import LEARNERS as PAIR_LEARNERS
from parsimony.experiments.interactions.settings import InteractionRun
from parsimony.experiments.link_prediction import LinkPrediction
from parsimony.experiments.modularity.image_classification import ImageClassification
from parsimony.experiments.modularity.projection_search import ProjectionSearch
from parsimony.experiments.modularity.scaling_law import ScalingLaw
from parsimony.experiments.modularity.sine_grid import SineRegression
from parsimony.experiments.reasoning.graph_reasoning import GraphReasoning
from parsimony.experiments.relational_network import RelationalNetwork
from parsimony.experiments.structure_search import SEARCHES, StructureSearch
from parsimony.experiments.tasks import TASKS
from parsimony.methods import modulation_space
from parsimony.nn import modulation
from parsimony.records import Specification

SETTINGS = {
    "cold start": ColdStartRun,
    "few-shot property": FewShotRun,
    "few-shot property with noise apart": FewShotRun,
    "annealed few-shot property": AnnealedRun,
    "drug interactions": InteractionRun,
    "drug interactions by pairs and facts": InteractionRun,
    "drug interactions fitted once": InteractionRun,
    "drug interactions by molecules and texts": InteractionRun,
    "image classification": ImageClassification,
    "modulation search": ModulationSearch,
    "projection search": ProjectionSearch,
    "rating means": RatingMeans,
    "graph reasoning": GraphReasoning,
    "law recovery": LawRecovery,
    "pedestrian law": PedestrianLaw,
    "link prediction": LinkPrediction,
    "relational network": RelationalNetwork,
    "scaling law": ScalingLaw,
    "sine regression": SineRegression,
    "structure search": StructureSearch,
}


@pytest.mark.parametrize("specification", SPECIFICATIONS, ids=lambda one: one.name)
def test_settings_construct(specification: Specification) -> None:
    """The settings are keyword arguments that the trainer takes, and a misspelt one is refused."""
    made = SETTINGS[specification.task](**specification.settings)
    if isinstance(made, StructureSearch):
        assert not SEARCHES[specification.method](seed=specification.seed, **made.budget).finished
    assert specification.task != "rating means" or specification.method in FITS
    assert specification.task != "few-shot property" or made.model in MODELS
    assert specification.task != "law recovery" or specification.method in LEARNERS
    assert specification.task != "drug interactions" or specification.method == "emergnn"
    assert specification.task != "drug interactions by pairs and facts" or specification.method in PAIR_LEARNERS
    assert specification.task != "drug interactions fitted once" or specification.method in ESTIMATORS
    assert specification.task != "drug interactions by molecules and texts" or specification.method in READERS
    assert specification.task != "pedestrian law" or specification.method in WALKERS
    with pytest.raises(TypeError, match="epoch_s"):
        SETTINGS[specification.task](**specification.settings, epoch_s=1)


def test_every_task_is_checked_here() -> None:
    """A task that is added to the package is added to this test."""
    assert set(TASKS) == set(SETTINGS)


def test_names_are_unique() -> None:
    """No two specifications would write the same record."""
    assert [] == [name for name, count in Counter(one.name for one in SPECIFICATIONS).items() if count > 1]


def test_every_specification_has_an_expectation() -> None:
    """Expected result, minutes and machine stand beside every entry, and beside nothing else."""
    assert {one.name for one in SPECIFICATIONS} == set(EXPECTED)
    assert all(one.result and one.machine and one.minutes > 0 for one in EXPECTED.values())


def test_quick_profile_needs_no_download() -> None:
    """Quick runs read only data that come inside the dependencies, or that the package generates."""
    quick = {one.dataset for one in SPECIFICATIONS if one.profile == "quick"}
    assert {"quick"} == {DATASETS[dataset].profile for dataset in quick}


def test_quick_molecule_runs_differ_in_the_method_alone() -> None:
    """One encoder and one training for all; properties are held out, and no run counts as short."""
    quick = [one for one in SPECIFICATIONS if (one.task, one.profile) == ("few-shot property", "quick")]
    made = [FewShotRun(**one.settings) for one in quick]
    shapes = [{name: one.options[name] for name in ("width", "num_layers", "dropout")} for one in made]
    assert [shapes[0]] * len(made) == shapes
    assert 1 == len({str(replace(one, model="", options={})) for one in made})
    assert made[0].held_out and not made[0].is_short
    seeds = Counter(one.method for one in quick)
    assert (3, 3, 1) == tuple(seeds[name] for name in ("par", "protonet", "pacia"))


def test_all_rooms_name_the_operations_alike() -> None:
    """Data, methods and figures may not import one another; each lists the operations in the order of a chain."""
    named = (
        modulation_space.OPERATIONS,
        planted_users.OPERATIONS,
        modulation_gates.OPERATIONS,
        (*modulation.FUNCTIONS,),
    )
    assert 1 == len(set(named))


def test_figures_know_every_set_of_molecules() -> None:
    """The catalogue reads the sub-sets of ToxCast from the cards; figures may not, and list them in the same order."""
    assert few_shot_methods.PROVIDERS == few_shot.PROVIDERS
    listed = {one.dataset for one in few_shot.SPECIFICATIONS}
    assert set(few_shot_methods.DATASETS) == listed


def bounds(result: str) -> tuple[str, float, float]:
    """Read "MRR 0.40 to 0.48" as measure, least and greatest value."""
    measure, low, high = re.fullmatch(r"(.+) (\S+) to (\S+)", result).groups()
    return measure, float(low), float(high)


# Records outside the range that was expected, and why. A page shows them as they are; a range is not widened to fit.
MISSES = {
    "fb237_v1/drum-seed0": "above: it learns from all training triples, RED-GNN from those of validation alone",
    "SIDER/protonet-1-shot-seed0": "below: one molecule a class says next to nothing after 200 of 5,000 steps",
    "Tox21/protonet-1-shot-seed0": "below: as on SIDER",
    "Tox21/pacia-1-shot-seed0": "below, at chance: 200 of 40,000 steps",
    "Tox21/egnn-1-shot-seed0": "below: as ProtoNet on SIDER",
    "Tox21/tpn-1-shot-seed0": "below: as ProtoNet on SIDER",
    "Tox21/par-together-seed0": "above: the best of all runs on these molecules",
    "Tox21/siamese-seed0": "below at its last step: its curve reached 0.72 and swings",
    "Tox21/siamese-1-shot-seed0": "below: as ProtoNet on SIDER",
}


def test_archived_records_keep_what_the_catalogue_promises() -> None:
    """Each record lies within the range that stands beside its specification, or is named above."""
    outside = []
    for record in [one.record for one in open_archive().filed if one.record.specification.name in EXPECTED]:
        measure, low, high = bounds(EXPECTED[record.specification.name].result)
        if not low <= record.metrics[measure] <= high:
            outside.append((record.specification.name, measure, record.metrics[measure], low, high))
    assert sorted(MISSES) == sorted(name for name, *_ in outside), outside
