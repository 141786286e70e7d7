"""Sums over pairs of nodes of small graphs: against loops with gradients, by hand, graphs alone."""

import torch
from torch import Tensor

from parsimony.nn.pair_blocks import STEP, PairBlocks

SIZES = (3, 1, 2 * STEP + 1, STEP, STEP + 1, 2 * STEP + 3)  # three graphs, two, one go together


def pairs_of(sizes: tuple[int, ...], share: float) -> tuple[Tensor, Tensor, Tensor]:
    """Return the bounds of graphs, and a share of the pairs of their nodes in random order."""
    first = torch.tensor([0, *sizes]).cumsum(0)
    all_pairs = torch.cat(
        [torch.cartesian_prod(torch.arange(a, b), torch.arange(a, b)).view(-1, 2) for a, b in first.unfold(0, 2, 1)]
    )
    order = torch.randperm(len(all_pairs), generator=torch.Generator().manual_seed(0))
    target, source = all_pairs[order[: int(share * len(order))]].T.contiguous()
    return first, target, source


def vectors(seed: int, rows: int, *shape: int) -> Tensor:
    start = torch.Generator().manual_seed(seed)
    return torch.randn(rows, *shape, generator=start, dtype=torch.float64).requires_grad_()


def test_blocks_equal_loops() -> None:
    """Products of pairs and sums over sources, and gradients of both, when some pairs are missing."""
    first, target, source = pairs_of(SIZES, 0.7)
    blocks = PairBlocks(first, target, source)
    assert len({one.node.shape[1] for one in blocks.blocks}) == len(blocks.blocks) == 3
    q, k, v = (vectors(seed, int(first[-1]), 2, 3) for seed in range(3))
    weight = vectors(3, len(target), 2)
    plain = torch.stack([(q[i] * k[j]).sum(1) for i, j in zip(target.tolist(), source.tolist(), strict=True)])
    sums = [
        sum((weight[e].unsqueeze(1) * v[source[e]] for e in (target == i).nonzero().flatten()), torch.zeros(2, 3))
        for i in range(int(first[-1]))
    ]
    expected, found = (plain, torch.stack(sums)), (blocks.products(q, k), blocks.gathered(weight, v))
    for one, other, inputs in zip(expected, found, ((q, k), (weight, v)), strict=True):
        torch.testing.assert_close(one, other, check_dtype=False)
        gradients = [torch.autograd.grad(each.square().sum(), inputs) for each in (one, other)]
        torch.testing.assert_close(*gradients)


def test_blocks_by_hand() -> None:
    """Nodes 0 and 1, 2 alone, with 1, 2, 3: node 0 takes ten times that of 1, node 1 half its own, node 2 its own."""
    blocks = PairBlocks(torch.tensor([0, 2, 3]), torch.tensor([0, 1, 2]), torch.tensor([1, 1, 2]))
    x = torch.tensor([1.0, 2.0, 3.0]).view(3, 1, 1)
    assert [2.0, 4.0, 9.0] == blocks.products(x, x).flatten().tolist()
    weight = torch.tensor([[10.0], [0.5], [1.0]])
    assert [20.0, 1.0, 3.0] == blocks.gathered(weight, x).flatten().tolist()


def test_graphs_do_not_see_each_other() -> None:
    """A graph alone gives what it gives among others."""
    first, target, source = pairs_of(SIZES, 1.0)
    whole = PairBlocks(first, target, source)
    q, weight = vectors(0, int(first[-1]), 2, 3), vectors(1, len(target), 2)
    inside = (target >= first[2]) & (target < first[3])
    alone = PairBlocks(first[2:4] - first[2], target[inside] - first[2], source[inside] - first[2])
    part = q[first[2] : first[3]]
    torch.testing.assert_close(whole.products(q, q)[inside], alone.products(part, part))
    gathered = whole.gathered(weight, q)[first[2] : first[3]]
    torch.testing.assert_close(gathered, alone.gathered(weight[inside], part))
