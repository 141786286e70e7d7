# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# (ch-model)=
# # Parsimony in the model
#
# **Can a search find a small scoring function that fits a knowledge graph better than the ones people wrote down?**
# At the end of this page you can read a scoring function as a 4 × 4 grid, say how AutoBLM searches the space of such
# grids, and judge how much the search adds.

# %% tags=["parameters", "remove-cell"]
profile = "quick"

# %% tags=["hide-input"]
import time

from parsimony.artifacts.catalogue import build
from parsimony.book import colophon, publish
from parsimony.experiments.archive import open_archive
from parsimony.methods.bilinear_structure import KNOWN, PUBLISHED, canonical, is_degenerate

start = time.perf_counter()
records = open_archive()

# %% [markdown]
# ## One space for all bilinear models
#
# A knowledge graph is a set of triples $(h, r, t)$. Cut every embedding into four chunks. A **structure**
# $A \in \{0, \pm1, \dots, \pm4\}^{4 \times 4}$ says which chunks meet, and with which sign {cite}`zhang2022autoblm`:
#
# ```{math}
# :label: eq-bilinear
# f_A(h, r, t) = \sum_{A_{ij} \neq 0} \operatorname{sgn}(A_{ij}) \, \langle h_i, r_{|A_{ij}|}, t_j \rangle
# ```
#
# The models that people designed by hand are points of this space: DistMult {cite}`yang2015distmult`, ComplEx
# {cite}`trouillon2016complex`, SimplE {cite}`kazemi2018simple` and Analogy {cite}`liu2017analogy`.

# %%
for name, structure in KNOWN.items():
    print(f"{name:9} {structure!s:32} degenerate: {is_degenerate(structure)}")

# %% [markdown]
# Many grids are the same function in other words. Permuting the chunks of the entities, renaming the chunks of the
# relations, or changing a sign changes nothing that training could notice, so each class has one **canonical form**.

# %%
print("ComplEx  ", canonical(KNOWN["complex"]))
print("WN18RR   ", canonical(PUBLISHED["WN18RR"]))

# %% [markdown]
# ## Two nested loops
#
# The search solves a bi-level problem. The lower level fits embeddings to training triples, the upper level chooses
# the structure by its filtered MRR on validation triples:
#
# ```{math}
# :label: eq-bilevel
# A^* = \arg\max_{A} M\big(P^*(A); A, S_{\text{valid}}\big), \qquad
# P^*(A) = \arg\min_{P} \mathcal{L}(P; A, S_{\text{train}})
# ```
#
# AutoBLM grows structures by two cells a stage; AutoBLM+ lets a small population cross and mutate. Both spare the
# training of structures that are degenerate or equivalent to earlier ones, and let a tiny network rank the rest by
# their symmetry. {numref}`fig-3` shows the grid, the loops and a search as it ran.

# %% tags=["hide-input"]
publish(build("fig-3", records))

# %% [markdown]
# ## What the search adds
#
# {numref}`tab-2` sets published, archived and live values side by side. The row of AutoBLM in the paper equals the
# numbers of its earlier greedy form, AutoSF {cite}`zhang2020autosf`, and a carefully tuned ComplEx comes close to
# them: the published gain over a tuned baseline is small. On the two embedded graphs the right question is therefore
# how far the searched structure is from the *best* known one, not from DistMult alone; the
# [claims page](../claims.md) answers it with an interval over seeds.

# %% tags=["hide-input"]
publish(build("tab-2", records))

# %% [markdown]
# MRR hides where in the list the answers stand; {numref}`tab-own-hits` gives H@1 and H@10 of the same runs.

# %% tags=["hide-input"]
publish(build("tab-own-hits", records))

# %% [markdown]
# ## The landscape of structures
#
# The papers show the best structure; the records hold all of them. {numref}`fig-own-structures` shows how flat the
# top is: structures of four cells stand beside those of sixteen. Only the class of the diagonal, which is DistMult's
# and scores a triple and its reverse alike, falls far below.

# %% tags=["hide-input"]
publish(build("fig-own-structures", records))

# %% [markdown]
# ## Run it yourself
#
# ```
# parsimony run "UMLS/autoblm-plus*" --profile quick
# parsimony show tab-2
# ```

# %% tags=["hide-input"]
print(colophon(len(records.paths), time.perf_counter() - start))
