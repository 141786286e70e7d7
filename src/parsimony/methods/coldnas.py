"""ColdNAS: search where and how to modulate a predictor for cold-start users (arXiv 2306.03387; first paper,
section 3.2, Table 3, Figure 4).

A user u is known by rated items S_u = {(v_j, y_j)}; the ratings of other items are asked. With h0 = [e_v, e_u]:

    context     c_u = mean over S_u of  LeakyReLU(W_c [e_v, y_j, e_u] + b_c)
    parameters  p_u = W_p c_u + b_p                      one vector for each cell of the structure
    predictor   x = h0;  at each position: x <- W LeakyReLU(M(x)) + b;   y = R sigmoid(x)

M is the modulation of the position: some of max, min, times, plus, in this order (`methods.modulation_space`).
The search trains all 16 cells at once, each with a gate beta = sigmoid(alpha), weights and gates in one Adam on
training users; the K largest gates are kept, and the structure is trained anew.

Departures from the authors' code: gates start at 1/2 exactly, not at random; the layers of the supernet start in
torch's usual range, as those of a structure do (theirs all from N(0, 0.01^2)); the last position has gates of its own
(theirs uses those of the position before); a structure makes only the numbers that its cells need; ratings enter the
set encoder divided by R.

Shapes: B users, N support items, Q query items, R rows that are not filling, d width of a field.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from parsimony.data.cold_start import ColdStart, UserTasks
from parsimony.nn.dense import dense
from parsimony.nn.field_embedding import FieldEmbedding
from parsimony.nn.modulation import Modulation

SLOPE = 0.01  # of LeakyReLU


class ColdNAS(nn.Module):
    """Predictor of ratings that a hypernetwork modulates for each user.

    Args:
        data: gives fields and rating scale.
        generator: draws all initial weights.
        cells: operations of each of the four positions; without gates the structure, with gates the supernet.
        is_gated: whether every cell has a weight that is learnt.
        width: d, of each field's embedding.
        hidden: widths of the predictor's hidden layers.
        spread: standard deviation of the initial embeddings.

    Attributes:
        adaptive_parameters: numbers that the support set sets for each user.
    """

    def __init__(
        self,
        data: ColdStart,
        generator: torch.Generator,
        *,
        cells: Sequence[Sequence[str]],
        is_gated: bool = False,
        width: int = 32,
        hidden: Sequence[int] = (128, 64, 32),
        spread: float = 0.01,
    ) -> None:
        super().__init__()
        self.scale = data.scale
        self.items = FieldEmbedding(data.item_fields, width, spread, generator)
        self.users = FieldEmbedding(data.user_fields, width, spread, generator)
        widths = (self.items.width + self.users.width, *hidden)
        self.modulation = Modulation(widths, cells, is_gated=is_gated)
        self.layers = nn.ModuleList(dense(a, b, generator) for a, b in zip(widths, (*hidden, 1), strict=True))
        self.adaptive_parameters = self.modulation.size
        if self.adaptive_parameters:
            self.context = dense(widths[0] + 1, 8 * width, generator)
            self.parameters_of_context = dense(8 * width, self.adaptive_parameters, generator)

    def loss(self, tasks: UserTasks, generator: torch.Generator) -> Tensor:
        """Return the mean over users of the mean squared error over their query items; nothing here is random."""
        owner, place = tasks.has_query.nonzero(as_tuple=True)
        wrong = self._rows(tasks, owner, place) - tasks.query_rating[owner, place]
        weight = 1 / (len(tasks) * tasks.has_query.sum(1))
        return wrong.square() @ weight[owner]

    def forward(self, tasks: UserTasks) -> Tensor:
        """Predict the ratings of the query items, [B, Q]; 0 where a row is filled up."""
        owner, place = tasks.has_query.nonzero(as_tuple=True)
        rows = self._rows(tasks, owner, place)
        return rows.new_zeros(tasks.query_item.shape).index_put((owner, place), rows)

    def _rows(self, tasks: UserTasks, owner: Tensor, place: Tensor) -> Tensor:
        """Predict the ratings of query items given by user and place, [R]; filled rows cost nothing that way."""
        users, support = self.users(tasks.user), tasks.support_item
        items = self.items(torch.cat([tasks.query_item[owner, place], support.flatten()]))
        asked, known = items.split([len(owner), support.numel()])
        x = torch.cat([asked, users.index_select(0, owner)], dim=-1)
        if not self.adaptive_parameters:
            return self._predict(x, [()] * len(self.layers))
        p = self.parameters_of_context(self._encode(tasks, users, known))
        return self._predict(x, self.modulation.split(p.index_select(0, owner)))

    def _encode(self, tasks: UserTasks, users: Tensor, known: Tensor) -> Tensor:
        """Summarise the support sets, [B, 8 d]; the user's part of W_c is multiplied once, not once an item."""
        of_pair, of_user = self.context.weight.split([self.items.width + 1, self.users.width], dim=1)
        pairs = torch.cat([known, (tasks.support_rating / self.scale).view(-1, 1)], dim=-1)
        parts = functional.linear(users, of_user, self.context.bias).unsqueeze(1)
        hidden = functional.linear(pairs, of_pair).view(len(tasks), -1, parts.shape[-1]).add_(parts)
        is_pair = tasks.has_support.to(hidden.dtype)
        share = is_pair / is_pair.sum(1, keepdim=True)
        return torch.bmm(share.unsqueeze(1), functional.leaky_relu(hidden, SLOPE, inplace=True)).squeeze(1)

    def _predict(self, x: Tensor, modulators: list[tuple[Tensor, ...]]) -> Tensor:
        for position, (layer, parts) in enumerate(zip(self.layers, modulators, strict=True)):
            x = layer(functional.leaky_relu(self.modulation(position, x, parts), SLOPE))
        return self.scale * x.squeeze(-1).sigmoid()

    def gates(self) -> list[list[float]]:
        """Return the weight of each operation, position by position."""
        beta = iter(self.modulation.alpha.sigmoid().tolist())
        return [[next(beta) for _ in chosen] for chosen in self.modulation.cells]
