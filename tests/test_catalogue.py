"""The catalogue of runs: every entry can start, has a name of its own and says what to expect."""

from collections import Counter

import pytest

from parsimony.data.cards import DATASETS
from parsimony.experiments.catalogue import EXPECTED, SPECIFICATIONS
from parsimony.experiments.cold_start.modulation_search import ModulationSearch
from parsimony.experiments.cold_start.rating_means import FITS, RatingMeans
from parsimony.experiments.cold_start.recommender import ColdStartRun
from parsimony.experiments.link_prediction import LinkPrediction
from parsimony.experiments.relational_network import RelationalNetwork
from parsimony.experiments.structure_search import SEARCHES, StructureSearch
from parsimony.experiments.tasks import TASKS
from parsimony.records import Specification

SETTINGS = {
    "cold start": ColdStartRun,
    "modulation search": ModulationSearch,
    "rating means": RatingMeans,
    "link prediction": LinkPrediction,
    "relational network": RelationalNetwork,
    "structure search": StructureSearch,
}


@pytest.mark.parametrize("specification", SPECIFICATIONS, ids=lambda one: one.name)
def test_settings_construct(specification: Specification) -> None:
    """The settings are keyword arguments that the trainer takes, and a misspelt one is refused."""
    made = SETTINGS[specification.task](**specification.settings)
    if isinstance(made, StructureSearch):
        assert not SEARCHES[specification.method](seed=specification.seed, **made.budget).finished
    assert specification.task != "rating means" or specification.method in FITS
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
