"""Small graph samples for tests, made without any law."""

import torch

from parsimony.data.graph_samples import GraphSamples

NUMBER = (0, 0, 0, 0, 0)


def random_samples(level: str = "node", *, count: int = 7, nodes: int = 5, seed: int = 0) -> GraphSamples:
    """Return graphs of different sizes with isolated nodes, two variables at every level and a random target."""
    generator = torch.Generator().manual_seed(seed)
    present = torch.arange(nodes) < torch.randint(2, nodes + 1, (count, 1), generator=generator)
    adjacency = torch.rand(count, nodes, nodes, generator=generator) < 0.4
    adjacency = adjacency & present.unsqueeze(1) & present.unsqueeze(2) & ~torch.eye(nodes, dtype=torch.bool)
    adjacency[0] = False
    draw = lambda *shape: torch.randn(*shape, generator=generator)
    names = {"node": ("a", "b"), "edge": ("c", "d"), "whole": ("g", "h")}
    return GraphSamples(
        name="random",
        adjacency=adjacency,
        present=present,
        node=draw(count, nodes, 2) * present.unsqueeze(-1),
        edge=draw(count, nodes, nodes, 2),
        whole=draw(count, 2),
        node_names=names["node"],
        edge_names=names["edge"],
        whole_names=names["whole"],
        target=draw(count, nodes, 1) * present.unsqueeze(-1) if level == "node" else draw(count, 1),
        level=level,
        target_names=("y",),
        units={name: NUMBER for name in (*names["node"], *names["edge"], *names["whole"], "y")},
    )


def renumbered(samples: GraphSamples, order: torch.Tensor) -> GraphSamples:
    """Return the same graphs with their nodes in another order, [N]."""
    both = lambda tensor: tensor[:, order][:, :, order]
    changed = {"adjacency": both(samples.adjacency), "edge": both(samples.edge)}
    changed |= {"present": samples.present[:, order], "node": samples.node[:, order]}
    if samples.level == "node":
        changed["target"] = samples.target[:, order]
    return GraphSamples(**{**vars(samples), **changed})
