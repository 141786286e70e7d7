"""Weighted sums of rows over compressed entries: by hand, against loops, gradients."""

import torch

from parsimony.nn.compressed_sum import Entries, compressed_sum


def sample_entries() -> Entries:
    """Rows of 2, 0, 3 and 1 entries; a column twice in a row, and a column that no row has."""
    first, column = torch.tensor([0, 2, 2, 5, 6]), torch.tensor([3, 1, 0, 0, 4, 1])
    return Entries(first, column, torch.tensor([1.0, 2.0, 0.5, 3.0, 1.0, 4.0]), 6)


def test_sums_by_hand() -> None:
    """x_j = 10^j: row 0 is 1000 + 2 * 10, row 1 is empty, row 2 has column 0 twice."""
    x = 10.0 ** torch.arange(6).unsqueeze(1)
    assert [[1020.0], [0.0], [10003.5], [40.0]] == compressed_sum(x, sample_entries()).tolist()


def test_sums_and_gradients_equal_loops() -> None:
    """Entry by entry in float64; the gradient of x against torch's own."""
    entries, generator = sample_entries(), torch.Generator().manual_seed(0)
    x = torch.randn(6, 3, generator=generator, dtype=torch.float64, requires_grad=True)
    rows = torch.arange(4).repeat_interleave(entries.first.diff())
    expected = [torch.zeros(3, dtype=torch.float64) for _ in range(4)]
    for row, column, weight in zip(rows.tolist(), entries.column.tolist(), entries.weight.tolist(), strict=True):
        expected[row] = expected[row] + weight * x[column]
    torch.testing.assert_close(compressed_sum(x, entries), torch.stack(expected))
    assert torch.autograd.gradcheck(lambda one: compressed_sum(one, entries), (x,))
    assert torch.autograd.gradgradcheck(lambda one: compressed_sum(one, entries), (x,))


def test_transposing_twice_gives_the_matrix_back() -> None:
    """Up to the order of entries within a row, which is that of the columns."""
    entries = sample_entries()
    eye = torch.eye(6)
    again = entries.transposed().transposed()
    assert torch.equal(compressed_sum(eye, entries), compressed_sum(eye, again))
    assert torch.equal(compressed_sum(torch.eye(4), entries.transposed()), compressed_sum(eye, entries).T)


def test_no_entries_give_zeros() -> None:
    """An empty matrix has rows all the same."""
    empty = Entries(torch.zeros(4, dtype=torch.long), torch.zeros(0, dtype=torch.long), torch.zeros(0), 2)
    assert torch.equal(torch.zeros(3, 5), compressed_sum(torch.ones(2, 5), empty))
