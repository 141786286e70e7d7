"""CompGCN against its plain form, edge by edge; values by hand; renaming of entities."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from parsimony.baselines.compgcn import (
    COMPOSITIONS,
    DECODERS,
    NORMS,
    CompGCN,
    ConvEDecoder,
    Direction,
    DistMultDecoder,
    Multiplication,
    receiver_norm,
    symmetric_norm,
)

ENTITIES, RELATIONS, WIDTH = 12, 3, 10


def random_triples(count: int = 40) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    ends = [torch.randint(bound, (count,), generator=generator) for bound in (ENTITIES - 2, RELATIONS, ENTITIES - 1)]
    return torch.unique(torch.stack(ends, 1), dim=0)


def plain_correlation(x: Tensor, z: Tensor) -> Tensor:
    d = len(x)
    return torch.stack([sum(x[i] * z[(i + k) % d] for i in range(d)) for k in range(d)])


PLAIN: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "sub": lambda x, z: x - z,
    "mult": lambda x, z: x * z,
    "corr": plain_correlation,
}


def plain_layer(layer, x: Tensor, z: Tensor, triples: Tensor, phi: Callable, repaired: bool) -> tuple[Tensor, Tensor]:
    """Follow the equations edge by edge: compose, multiply by W, weigh, add."""
    rows = [layer_loop @ layer.W_loop for layer_loop in (phi(one, layer.z_loop[0]) for one in x)]
    in_edges = [(o, r, s) for s, r, o in triples.tolist()]
    out_edges = [(s, r + RELATIONS, o) for s, r, o in triples.tolist()]
    for edges, W in ((in_edges, layer.W_in), (out_edges, layer.W_out)):
        received = [sum(v == node for _, _, v in edges) for node in range(ENTITIES)]
        sent = [sum(u == node for u, _, _ in edges) for node in range(ENTITIES)] if repaired else received
        for u, r, v in edges:
            c = (sent[u] * received[v]) ** -0.5 if sent[u] else 0.0
            rows[v] = rows[v] + c * (phi(x[u], z[r]) @ W)
    return torch.tanh(layer.bn(torch.stack(rows) / 3)), z @ layer.W_rel


def small_model(composition: str = "mult", decoder: torch.nn.Module | None = None, **options) -> CompGCN:
    torch.manual_seed(0)
    decoder = decoder or DistMultDecoder(8)
    widths = options.pop("widths", (WIDTH, 8))
    triples = options.pop("triples", random_triples())
    options = {"dropout": 0.0, "layer_dropout": 0.0, **options}
    return CompGCN(triples, ENTITIES, RELATIONS, widths, COMPOSITIONS[composition], decoder, **options)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("composition", PLAIN)
def test_layer_equals_the_plain_form(composition: str, norm: str) -> None:
    """Sums before products: same entities and relations to 1e-5, same gradients to 1e-4."""
    model, triples = small_model(composition, norm=NORMS[norm]), random_triples()
    layer, inputs = model.layers[0], [model.x, model.z, *model.layers[0].parameters()]
    weight = torch.randn(ENTITIES, 8, generator=torch.Generator().manual_seed(2))
    expected = plain_layer(layer, model.x, model.z, triples, PLAIN[composition], norm == "repaired")
    found = layer(model.x, model.z, model.directions)
    for one, other in zip(expected, found, strict=True):
        assert torch.allclose(one, other, atol=1e-5)
    gradients = [torch.autograd.grad((x * weight).sum() + z.sum(), inputs) for x, z in (expected, found)]
    for one, other in zip(*gradients, strict=True):
        assert torch.allclose(one, other, atol=1e-4)


def test_published_norm_by_hand() -> None:
    """Edges 0-1, 0-2, 1-2: node 0 receives nothing, so what it sends is lost; node 2 receives 2, node 1 receives 1."""
    source, target = torch.tensor([0, 0, 1]), torch.tensor([1, 2, 2])
    assert [0.0, 0.0, 2**-0.5] == pytest.approx(receiver_norm(source, target, 3).tolist())
    assert [2**-0.5, 0.5, 2**-0.5] == pytest.approx(symmetric_norm(source, target, 3).tolist())


def test_messages_by_hand() -> None:
    """Two edges of one relation meet in entity 2: 3 * (1 c + 2 c) with c = 2 ** -0.5, and nothing elsewhere."""
    ends = torch.tensor([0, 1]), torch.tensor([0, 0]), torch.tensor([2, 2])
    direction = Direction(*ends, (3, 2), symmetric_norm)
    a = direction.messages(torch.tensor([[1.0], [2.0], [5.0]]), torch.tensor([[3.0], [7.0]]), Multiplication)
    assert [0.0, 0.0, 9 * 2**-0.5] == pytest.approx(a.flatten().tolist())


def test_correlation_by_hand() -> None:
    """corr((1, 2, 0), (3, 4, 5)) = (1*3 + 2*4, 1*4 + 2*5, 1*5 + 2*3)."""
    phi, x, z = COMPOSITIONS["corr"], torch.tensor([[1.0, 2, 0]]), torch.tensor([[3.0, 4, 5]])
    assert [11.0, 14.0, 11.0] == pytest.approx(phi.back(phi.combine(phi.front(x), 1.0, phi.front(z)), 3)[0].tolist())


@pytest.mark.parametrize("composition", PLAIN)
def test_renaming_entities_permutes_scores(composition: str) -> None:
    """The network knows entities by their rows only: rows and triples renamed alike give renamed scores."""
    new = torch.randperm(ENTITIES, generator=torch.Generator().manual_seed(3))
    triples, queries = random_triples(), torch.tensor([[0, 1], [4, 5], [7, 2]])
    renamed = torch.stack([new[triples[:, 0]], triples[:, 1], new[triples[:, 2]]], 1)
    one, other = small_model(composition), small_model(composition, triples=renamed)
    with torch.no_grad():
        other.x[new], other.b[new] = one.x, one.b
    asked = torch.stack([new[queries[:, 0]], queries[:, 1]], 1)
    expected, found = (q @ t.T for q, t in (one(queries, one.encode()), other(asked, other.encode())))
    assert torch.allclose(expected, found[:, new], atol=1e-5)


def test_bias_is_added_to_the_score() -> None:
    """The last column of both factors adds b_o, and DistMult the triple product."""
    model = small_model()
    with torch.no_grad():
        model.b.copy_(torch.arange(ENTITIES))
    encoded = model.encode()
    q, t = model(torch.tensor([[2, 4]]), encoded)
    expected = (encoded.x[2] * encoded.z[4] * encoded.x).sum(1) + torch.arange(ENTITIES)
    assert torch.allclose(expected, (q @ t.T)[0], atol=1e-5)


def test_conve_image_alternates() -> None:
    """The image that the convolution reads is x_1, z_1, x_2, z_2, ... row by row, 4 rows of 5."""
    seen, decoder = [], ConvEDecoder(10, height=4, filters=2, kernel=3)
    decoder.convolution.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    decoder(torch.arange(10.0).expand(2, -1), torch.arange(10.0, 20.0).expand(2, -1))
    assert [[0, 10, 1, 11, 2], [12, 3, 13, 4, 14]] == seen[0][0, 0, :2].tolist()
    assert (2, 1, 4, 5) == seen[0].shape


def test_two_layers_and_every_decoder_learn() -> None:
    """Every parameter of a two-layer network has a gradient, whatever the decoder."""
    options = {"distmult": {}, "conve": {"height": 4, "filters": 2, "kernel": 3}}
    for name, make in DECODERS.items():
        model = small_model("corr", make(8, **options[name]), widths=(WIDTH, 6, 8))
        q, t = model(torch.tensor([[0, 1], [4, 5]]), model.encode())
        (q @ t.T).square().sum().backward()
        assert [] == [name for name, one in model.named_parameters() if one.grad is None]


def test_wrong_shapes_are_named() -> None:
    """An image that does not fit and a network without a layer are refused with what was given."""
    with pytest.raises(ValueError, match="7 rows and kernel 7 given for width 10"):
        ConvEDecoder(10, height=7)
    with pytest.raises(ValueError, match=r"widths \(10,\) given"):
        small_model(widths=(10,))
