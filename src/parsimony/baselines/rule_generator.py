"""The rule generator of RNNLogic: a recurrent network that writes chain rules (arXiv 2010.04029, section 3.2).

    P(b_1, ..., b_l, stop | q) = product over i of  softmax(W LSTM([z(b_{i-1}) | z(q)]) + b),     b_0 = q

z are vectors of the relations 0 to 2R - 1; the stop symbol is 2R.

Shapes: K rules, S symbols of the longest one with head and stop, R relations without inverses.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from parsimony.baselines.chain_rules import Rule
from parsimony.nn.dense import dense
from parsimony.nn.seeded import normal_table, seeded

State = tuple[Tensor, Tensor]
BEAM_TEMPERATURE = 0.2  # of the authors' code; it weighs short rules against long ones


class RuleGenerator(nn.Module):
    """Writes the bodies of rules, given their heads.

    Args:
        num_relations: R, without inverses.
        generator: of the initial weights.
        width: of the vectors of relations.
        hidden: size of the LSTM's state.
    """

    def __init__(self, num_relations: int, generator: torch.Generator, *, width: int = 512, hidden: int = 256) -> None:
        super().__init__()
        self.stop = 2 * num_relations
        self.z = normal_table(2 * num_relations + 1, width, generator)
        self.lstm = seeded(nn.LSTM(2 * width, hidden, batch_first=True), generator)
        self.W = dense(hidden, 2 * num_relations + 1, generator)

    def forward(self, symbols: Tensor, heads: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Read symbols [K, S] of rules with heads [K]; return log-probabilities of the next [K, S, 2R + 1], state."""
        asked = self.z[heads].unsqueeze(1).expand(-1, symbols.shape[1], -1)
        x, state = self.lstm(torch.cat([self.z[symbols], asked], -1), state)
        return torch.log_softmax(self.W(x), -1), state

    def log_probability(self, rules: Sequence[Rule]) -> Tensor:
        """Return log P of rules, each of its symbols apart and 0 behind its end, [K, S]."""
        length = torch.tensor([len(rule.body) + 1 for rule in rules], device=self.z.device)
        symbols = torch.full((len(rules), int(length.max()) + 1), self.stop, device=self.z.device)
        for row, rule in zip(symbols, rules, strict=True):
            row[: len(rule.body) + 1] = torch.tensor([rule.head, *rule.body])
        found, _ = self(symbols[:, :-1], symbols[:, 0])
        found = found.gather(2, symbols[:, 1:].unsqueeze(2)).squeeze(2)
        return found * (torch.arange(found.shape[1], device=found.device) < length.unsqueeze(1))

    def loss(self, rules: Sequence[Rule], weights: Tensor) -> Tensor:
        """Return the mean of - log P over the symbols of rules, weighted by [K]; some weight must be above 0."""
        found = self.log_probability(rules)
        symbols = torch.tensor([len(rule.body) + 1 for rule in rules], device=weights.device)
        return -(found.sum(1) * weights).sum() / (weights * symbols).sum()

    @torch.no_grad()
    def sample(self, head: int, count: int, max_length: int, generator: torch.Generator) -> list[Rule]:
        """Draw rules for a head; equal ones are returned once, so fewer than `count` may come.

        A body that reaches `max_length` without a stop ends there, as in the authors' code.
        """
        heads = torch.full((count,), head, device=self.z.device)
        symbols, state, bodies = heads, None, []
        for _ in range(max_length):
            found, state = self(symbols.unsqueeze(1), heads, state)
            drawn = torch.multinomial(found[:, 0].exp(), 1, generator=generator).squeeze(1)
            symbols = torch.where(symbols == self.stop, self.stop, drawn)
            bodies.append(symbols)
        rows = torch.stack(bodies, 1).tolist()
        return list(dict.fromkeys(Rule(head, tuple(one for one in row if one != self.stop)) for row in rows))

    @torch.no_grad()
    def best(self, head: int, count: int, max_length: int) -> list[Rule]:
        """Return the most probable rules for a head, found by beam search; at most `count`."""
        beams, scores, state = torch.tensor([[head]], device=self.z.device), self.z.new_zeros(1), None
        found: list[tuple[float, Rule]] = []
        for length in range(max_length + 1):
            logits, state = self(beams[:, -1:], beams[:, 0], state)
            total = scores.unsqueeze(1) + torch.log_softmax(logits[:, 0] / BEAM_TEMPERATURE, -1)
            ended = zip(total[:, self.stop].tolist(), beams[:, 1:].tolist(), strict=True)
            found += [(score, Rule(head, tuple(body))) for score, body in ended]
            if length == max_length:
                break
            scores, place = total[:, : self.stop].flatten().topk(min(count, self.stop * len(beams)))
            beam, symbol = place // self.stop, place % self.stop
            beams = torch.cat([beams[beam], symbol.unsqueeze(1)], 1)
            state = state[0][:, beam], state[1][:, beam]
        return [rule for _, rule in sorted(found, reverse=True)[:count]]
