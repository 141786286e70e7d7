"""PAR as its authors released it (github.com/tata1661/PAR-NeurIPS21), brought to run beside ours.

Nothing of it is copied here: the folder that PAR_AUTHORS names holds a clone. What it imports and cannot be installed
any more (learn2learn, torch_scatter, an old torch_geometric) is stood in for by the few functions that it calls.
"""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from benchmarks.plain_par import tasks_of
from benchmarks.synthetic_molecules import BondedMolecules
from torch import Tensor, nn
from torch_geometric import data, loader

from parsimony.methods.par import PAR
from parsimony.nn.molecule_episodes import Episodes

ADDRESS, VARIABLE = "https://github.com/tata1661/PAR-NeurIPS21", "PAR_AUTHORS"
MODULES = ("chem_lib", "parser")  # of the clone


def authors_folder() -> Path:
    """Return the clone.

    Raises:
        FileNotFoundError: if there is none.
    """
    folder = Path(os.environ.get(VARIABLE, ""))
    if not (folder / "chem_lib" / "models" / "trainer.py").is_file():
        raise FileNotFoundError(
            f"{VARIABLE}={os.environ.get(VARIABLE, '')!r} given; expected the folder of a clone of {ADDRESS}, with "
            "chem_lib/models/trainer.py. Clone it, and set the variable."
        )
    return folder


class BaseLearner(nn.Module):
    """What stands in for learn2learn's class of that name: attributes of the wrapped module, and copies of it."""

    def clone(self) -> BaseLearner:
        """Return a copy whose weights depend on ours and whose buffers are ours."""
        return type(self)(
            clone_module(self.module), lr=self.lr, first_order=self.first_order, allow_unused=self.allow_unused
        )

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(self._modules["module"], name)


def clone_module(module: nn.Module) -> nn.Module:
    """Return a copy of a module whose weights are clones with a gradient; buffers are shared."""
    other = module.__new__(type(module))
    other.__dict__ = module.__dict__.copy()
    other._parameters = {name: one if one is None else one.clone() for name, one in module._parameters.items()}
    other._modules = {name: clone_module(one) for name, one in module._modules.items()}
    return other


def update_module(module: nn.Module) -> nn.Module:
    """Add to each weight the `update` that it carries, out of place."""
    for name, weight in module._parameters.items():
        if getattr(weight, "update", None) is not None:
            module._parameters[name] = weight + weight.update
    for one in module._modules.values():
        update_module(one)
    return module


def _module(name: str, **content: Any) -> types.ModuleType:
    found = types.ModuleType(name)
    vars(found).update(content)
    return found


STANDING_IN = {
    "learn2learn": _module("learn2learn"),
    "learn2learn.algorithms": _module("learn2learn.algorithms"),
    "learn2learn.algorithms.base_learner": _module("base_learner", BaseLearner=BaseLearner),
    "learn2learn.utils": _module("utils", clone_module=clone_module, update_module=update_module),
    "torchmetrics": _module("torchmetrics"),
    "torchmetrics.functional": _module("functional", auroc=None),
    "torch_scatter": _module("torch_scatter", scatter_add=None),
}


@contextmanager
def authors_modules() -> Iterator[types.SimpleNamespace]:
    """Import their modules; they are gone again behind this, since their names are common ones."""
    folder = authors_folder()
    with (
        mock.patch.dict(sys.modules, STANDING_IN),
        mock.patch.object(sys, "path", [str(folder), *sys.path]),
        mock.patch.object(data, "DataLoader", loader.DataLoader, create=True),
    ):
        import parser
        from chem_lib import models
        from chem_lib.models import trainer

        yield types.SimpleNamespace(get_parser=parser.get_parser, models=models, trainer=trainer)
        for name in [one for one in sys.modules if one.split(".")[0] in MODULES]:
            del sys.modules[name]


class AuthorsPAR:
    """Their trainer, with our weights and on our episodes.

    Args:
        model: gives the weights.
        episodes: of one meta-iteration.
        has_dropout: else every share of dropout is 0.
    """

    def __init__(self, model: PAR, episodes: Episodes, has_dropout: bool = True) -> None:
        with authors_modules() as theirs:
            asked = vars(theirs.get_parser().parse_args(["--pretrained", "0"]))
            tasks = list(range(len(episodes.label)))
            more = {
                "n_shot_train": episodes.shots, "rel_k": episodes.shots, "n_query": episodes.label.shape[1],
                "device": "cpu", "train_tasks": tasks, "test_tasks": [], "trial_path": "",
                "preload_train_data": False, "preload_test_data": False,
            }  # fmt: skip
            args = types.SimpleNamespace(**{**asked, **more})
            net = theirs.models.ContextAwareRelationNet(args)
            net.load_state_dict({**net.state_dict(), **as_theirs(model)})  # running statistics stay as they begin
            if not has_dropout:
                without_dropout(net)
            with mock.patch.object(theirs.trainer, "Logger", mock.MagicMock()), mock.patch("builtins.print"):
                self.trainer = theirs.models.Meta_Trainer(args, net)
        batches = [_batch_of(*one) for one in tasks_of(episodes)]
        self.trainer.get_data_sample = lambda task, train: (batches[task], {})
        self.trainer.optimizer.step = lambda: None

    def step(self) -> float:
        """Compute loss and gradients of the meta-iteration as their `train_step` does; return the loss."""
        said: list[str] = []
        clip = mock.patch("torch.nn.utils.clip_grad_norm_")
        with clip, mock.patch("builtins.print", lambda *words: said.append(str(words[-1]))):
            self.trainer.train_step()
        return float(said[-1])

    def gradients(self) -> dict[str, Tensor]:
        """Return the gradients of the last step by their names."""
        named = self.trainer.model.module.named_parameters()
        return {name: one.grad for name, one in named}


def without_dropout(net: nn.Module) -> None:
    """Set every share of dropout to 0."""
    net.mol_encoder.gnn.drop_ratio = 0.0
    for one in net.modules():
        if isinstance(one, nn.Dropout):
            one.p = 0.0


def as_theirs(model: PAR, of: Any = None) -> dict[str, Tensor]:
    """Return the weights of a model, or others under the same names, under their names and in their shapes."""
    own = of or model.state_dict()
    found = {f"mol_encoder.gnn.x_embedding{k}.weight": own[f"encoder.E_{k}"] for k in (1, 2)}
    for layer in range(len(model.encoder.layers)):
        ours, gin = f"encoder.layers.{layer}", f"mol_encoder.gnn.gnns.{layer}"
        found[f"{gin}.edge_embedding1.weight"], found[f"{gin}.edge_embedding2.weight"] = own[f"{ours}.B"].split([6, 3])
        found |= _linear(own, f"{ours}.W_1", f"{gin}.mlp.0") | _linear(own, f"{ours}.W_2", f"{gin}.mlp.2")
        found |= _linear(own, f"{ours}.norm", f"mol_encoder.gnn.batch_norms.{layer}")
    found |= _linear(own, "Phi.W_p.W_qkv", "encode_projection.attn_layer.qkv")
    for ours, theirs in (("W_a", "fc0"), ("W_b", "fc1")):
        found |= _linear(own, f"Phi.W_p.{ours}", f"encode_projection.mlp_proj.network.{theirs}")
    for layer in range(len(model.relations.layers)):
        ours = f"relations.layers.{layer}"
        for place, theirs in ((0, "conv0"), (2, "conv1"), (4, "conv_out")):
            found |= _convolution(own, f"{ours}.similarity.{place}", f"edge_layer{layer}.sim_network.{theirs}")
        found |= _convolution(own, f"{ours}.W_r", f"node_layer{layer}.network.conv0")
    return found | _linear(own, "Phi.W_c.1", "adapt_relation.fc1.0") | _linear(own, "Phi.W_c.3", "adapt_relation.fc2")


def _linear(own: Any, ours: str, theirs: str) -> dict[str, Tensor]:
    return {f"{theirs}.{kind}": own[f"{ours}.{kind}"] for kind in ("weight", "bias") if f"{ours}.{kind}" in own}


def _convolution(own: Any, ours: str, theirs: str) -> dict[str, Tensor]:
    found = _linear(own, ours, f"adapt_relation.{theirs}")
    return {name: one[:, :, None, None] if name.endswith("weight") else one for name, one in found.items()}


def _batch_of(support: BondedMolecules, query: BondedMolecules, label: Tensor) -> dict[str, Any]:
    """Return what their trainer asks of a property."""
    known = torch.arange(2).repeat_interleave(support.num_molecules // 2)
    parts = zip(("s", "q"), (support, query), (known, label), strict=True)
    return {
        name: one for key, part, y in parts for name, one in ((f"{key}_data", _graph(part, y)), (f"{key}_label", y))
    }


def _graph(molecules: BondedMolecules, y: Tensor) -> data.Data:
    """Return molecules as one graph; an edge for each end of a bond."""
    target = torch.arange(len(molecules.atom)).repeat_interleave(molecules.first_neighbour.diff())
    return data.Data(
        x=molecules.atom.long(), edge_index=torch.stack([molecules.neighbour, target]),
        edge_attr=torch.stack([molecules.bond_type, molecules.bond_direction], 1), batch=molecules.molecule, y=y,
    )  # fmt: skip
