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
# (ch-drug-development)=
# # Parsimony in drug development
#
# **Which drugs will a new drug clash with, before anyone has taken the two together?** Of an established drug
# hundreds of interactions are on record. Of one that is still in trials there is none, so a model that learns from
# past interactions has nothing to go on. But much is known about the new drug all the same: which proteins it binds,
# what it is prescribed for, which drugs it resembles. EmerGNN {cite}`zhang2023emergnn` lets this knowledge speak: it
# reads the paths that lead from one drug to the other through a network of biomedical facts. All three kinds of
# parsimony meet in it. The model is small, it learns from few interactions, and what it says can be followed step by
# step.
#
# At the end of this page you can say how a message flows between two drugs, read a prediction as a few sentences about
# proteins and other drugs, and tell the cases in which you should not believe it. Nothing here is medical advice.

# %% tags=["parameters", "remove-cell"]
profile = "quick"

# %% tags=["hide-input"]
import time

from parsimony.artifacts.catalogue import build
from parsimony.book import colophon, publish
from parsimony.data.cards import DATASETS
from parsimony.experiments.archive import open_archive

start = time.perf_counter()
records = open_archive()

# %% [markdown]
# ## A drug without a past
#
# An interaction is a fact $(u, i, v)$: drugs $u$ and $v$ taken together show an effect of type $i$, for instance *the
# metabolism of $v$ can be decreased when combined with $u$*. An **emerging drug** has no such fact in training. Which
# of the two drugs is emerging makes three tests of one question:
#
# S0
# : both drugs are known; the usual test, and an easy one, since each has shown what it does to others;
#
# S1
# : one drug is emerging, the other known: a new drug meets the medicine cabinet;
#
# S2
# : both are emerging: two drugs in trials.
#
# What helps is a second network of facts $(h, r, t)$: drugs, genes, diseases, side effects and how they are related,
# 23 relations in all. Put both networks on top of one another, let every fact be walked backwards too, and give every
# entity an edge to itself. {numref}`fig-10` shows a small part of the result around two real drugs. The upper one of
# the two drawings below it is to be read from left to right: three steps out of Tapentadol, of which nobody may know
# an interaction, and all of them arrive at Dolasetron. Can you find the enzyme that both drugs need? And the third
# drug, which shares two proteins with the one and has a known interaction with the other?

# %% tags=["hide-input"]
publish(build("fig-10", records))

# %% [markdown]
# ## The flow
#
# Let $f_u = W_{\text{ent}} x_u$ be a short vector for a drug, made from its Morgan fingerprint $x_u$: 1,024 bits that
# say which fragments occur in the molecule. So even a drug without any edge has a description. In layer $\ell$ each
# relation $r$ gets a gate that depends on the pair,
#
# ```{math}
# :label: eq-emergnn-gate
# \alpha^\ell(u, v) = \sigma\big(B^\ell \operatorname{ReLU}(A^\ell [f_u; f_v] + a^\ell) + b^\ell\big) \in (0, 1)^K,
# ```
#
# and then a message starts at $u$, with $h^0_u = f_u$ and zeros everywhere else, and flows for $L = 3$ steps:
#
# ```{math}
# :label: eq-emergnn-flow
# h^\ell_e = \operatorname{ReLU}\Big(W^\ell \sum_{(e', r, e)} \alpha^\ell_r(u, v)\, \big(h^{\ell-1}_{e'} \odot
# \mathbf{R}^\ell_r\big)\Big), \qquad h_{u \to v} = h^L_v.
# ```
#
# The sum runs over all edges that end in $e$. What arrives at $v$ has come along paths of at most three facts, and
# along nothing else. A second flow runs from $v$ to $u$, with the same weights; both together are classified:
#
# ```{math}
# :label: eq-emergnn-score
# \text{logits}(u, v) = W_{\text{rel}}\, [h_{v \to u}; h_{u \to v}] + b.
# ```
#
# Look at what is *not* there. Genes, diseases and side effects have no parameters of their own; only relations have.
# A new entity costs nothing, and that is why a drug that training never saw can be asked about. It is also why the
# whole model for DrugBank has fewer parameters than many a single layer elsewhere.
#
# Two remarks on what we changed. The authors' program adds a bias inside {eq}`eq-emergnn-flow`. With it an entity
# that no message has reached does not stay zero but sends a constant on, so the flow no longer keeps to paths; we
# follow the equation of the paper and leave it out. And their search for the best paths reads the gate of the inverse
# relation; we read the one along which the message really flowed.
#
# ### Learning to meet strangers
#
# A model that has only seen known drugs would lean on their interactions and be lost without them. So in each epoch
# some training drugs play the emerging ones: all their interactions are taken out of the network, and the pairs asked
# are those with exactly one of them (for S1) or with two (for S2). For each setting EmerGNN is therefore trained by
# itself. Pairs of two such drugs are few, so that an epoch for S2 is short; on DrugBank it gets four times as many.

# %% [markdown]
# ## Computing only what lies between
#
# Taken literally, {eq}`eq-emergnn-flow` computes a state for each of 34,124 entities, for each pair, in each layer.
# But only $h^L_v$ is read. Cut away all that no path of three steps from $u$ to $v$ touches, and little is left: what
# is one step from $u$, what is one step from $v$, and the edges between. In the first layer whole groups of entities
# share one state, since it depends only on the relations by which $u$ reaches them; they can be counted instead of
# visited. {numref}`fig-own-drug-speed` measures what that is worth. Note that the numbers stay the same: nothing is
# sampled and nothing approximated.

# %% tags=["hide-input"]
publish(build("fig-own-drug-speed", records))

# %% [markdown]
# ## Data and protocol
#
# *DrugBank* {cite}`wishart2018drugbank`: ordered pairs with one of 86 types of interaction; the split is the random
# one of DDI-Bench, since that of EmerGNN's authors could not be had. *TWOSIDES* {cite}`tatonetti2012twosides`: pairs
# with any of 200 side effects; the authors' own five splits, as far as they could be had. *Planted-drugs*: a
# generated network in which each interaction follows from a mechanism that we put there, so that explanations can be
# marked; the quick runs use it.

# %%
for name in ("DrugBank", "TWOSIDES", "Planted-drugs"):
    counts = DATASETS[name].counts
    print(f"{name:14} {', '.join(f'{number:,} {what}' for what, number in counts.items())}")

# %% [markdown]
# **The network** is that of Hetionet {cite}`himmelstein2017hetionet` without biological processes. The authors' file
# of it was out of reach too. We put it together anew from the public sources that Hetionet itself was made of, and
# from samples of it; every fact we have is one of the original. What is missing is not missing at random, and you
# should know where:

# %%
ours, whole = DATASETS["Biomedical-network"].counts, DATASETS["Hetionet"].counts
for name in ("triples", "CbG", "CtD", "CcSE", "CrC", "DaG", "GiG", "CuG", "CdG", "GcG", "Gr>G"):
    print(f"{name:8} {ours[name]:>9,} of {whole[name]:>9,} {ours[name] / whole[name]:8.1%}")

# %% [markdown]
# What a drug binds (CbG), treats (CtD), causes (CcSE) and resembles (CrC) is there, and so are the ties between genes
# that bind (GiG). Which genes it turns up or down (CuG, CdG) and which genes regulate or follow one another (Gr>G,
# GcG) is there in part only. A path through such an edge may exist in the original and not here. A reader with a
# network connection can load the whole of Hetionet with one call, `load_hetionet` in
# `parsimony.data.biomedical_network`.
#
# **Measures.** Types are very unequal: the most frequent one of DrugBank makes up a third of all pairs, others occur
# a few times. *Accuracy* asks how many pairs are right and lives on the frequent types. *Macro F1* averages over
# types, so that a rare one counts as much as a frequent one. *Kappa* is accuracy beyond what guessing by frequency
# would give. On TWOSIDES *PR-AUC* is averaged over side effects, each against as many pairs without it. Epochs are
# chosen by the first of these on validation pairs of the same setting.
#
# **Rivals.** From molecules alone: a perceptron on both fingerprints, and CSMDDI {cite}`liu2022csmddi`, which
# factorises the interactions and learns to guess the factors of a new drug. From the network: HIN-DDI
# {cite}`tanvir2021hinddi` counts paths of given kinds (here also type by type, since a count over all types hardly
# tells which one a pair has). Both end with a forest; validation pairs choose how deep its trees grow, and rare types
# weigh more, since trees as shallow as the authors' answer little but the common types. KG-DDI
# {cite}`karim2019kgddi` embeds all entities, Decagon {cite}`zitnik2018decagon` averages over neighbours. From both:
# DeepLGF {cite}`ren2022deeplgf` and TIGER {cite}`su2024tiger`, a graph transformer. From words: TextDDI
# {cite}`zhu2023textddi` reads descriptions of drugs with a pretrained language model. Its weights cannot be had here,
# and without them it is another method, so we call what we run *TextDDI-lite* and draw no conclusion about the
# original.
#
# With other splits and a smaller network, a number of {numref}`tab-own-drugs` that equals the published one would be
# a coincidence. Ask instead whether the *order* of the methods is the same. And watch one row that has no published
# value: the perceptron on fingerprints knows nothing of biology. Whoever claims that the network helps has to beat
# it.

# %% tags=["hide-input"]
publish(build("tab-own-drugs", records))

# %% [markdown]
# {numref}`tab-own-drugs-further` holds the other two measures of the same runs. Where accuracy is high and macro F1
# low, a method knows the frequent types and little else.

# %% tags=["hide-input"]
publish(build("tab-own-drugs-further", records))

# %% [markdown]
# Two emerging drugs are hard, and there the perceptron on fingerprints is ahead of EmerGNN. Why? Not for want of
# epochs: the loss goes on falling when validation pairs have long stopped to gain. Nor is it learning by heart that a
# setting could hold off: {numref}`tab-own-held-off` tries three, and none changes much. Accuracy is lost where the
# network is silent. Where a path of three facts joins the two drugs both methods are nearly level, where none does
# EmerGNN can only guess. Macro F1 lives on rare types, and we suspect that these come too seldom: of the pairs of two
# drugs that play emerging an epoch has a few thousand, where the perceptron learns from all.

# %% tags=["hide-input"]
publish(build("tab-own-held-off", records))

# %% [markdown]
# How long did it take? {numref}`fig-own-drug-curves` counts processor minutes rather than epochs. Compare where the
# curves end, and also where they would end if you stopped them all after the time of the fastest.

# %% tags=["hide-input"]
publish(build("fig-own-drug-curves", records))

# %% [markdown]
# ## Reading a prediction
#
# A prediction of EmerGNN is a sum, and not only in a manner of speaking. Once it is known which numbers inside a ReLU
# are above zero, {eq}`eq-emergnn-flow` is linear in what flows. So the logit of a type is a bias plus one term for
# each walk from drug to drug, exactly. Walks that differ only in where they wait belong to one path. {numref}`fig-11`
# lists the paths that add most, next to the score that the paper uses, the mean gate along a path. The two need not
# agree: a gate says how far an edge is open, not what the message that passes says.
#
# The example of the paper is Tapentadol, a painkiller, and Dolasetron, against nausea. Its best-known path runs
# through CYP2D6, an enzyme of the liver that breaks down a good part of all drugs; two drugs that need it get in each
# other's way. In the drawing every row is one path. Read row by row, then ask: is this a mechanism, or only two drugs
# that keep the same company? Where no archived run explains that pair yet, the caption says so, and a pair of the
# generated network stands in.
#
# Below the figure you can choose other pairs, a mistake among them where one was explained. Raise the least gate and
# see which edges remain; press an entity to follow what passes through it, or a sentence to see its path.

# %% tags=["hide-input"]
publish(build("fig-11", records))

# %% [markdown]
# ## Does it point to the mechanism?
#
# Sentences about real drugs sound convincing to those who know the drugs; that is a reason for care, not for trust.
# In the generated network there is a right answer. Each interaction there was made by an enzyme, a transporter, a
# target or a side effect that two drugs share, while genes, diseases and pathways around them are decoys. So what is
# shown as evidence can be marked. {numref}`fig-own-drug-evidence` asks how much of it belongs to the mechanism
# (*precision*) and how much of the mechanism it shows (*recall*). Four ways of choosing are compared. Two read the
# same trained model, by contributions and by mean gates; two need no training, edges at random and one path of fewest
# steps. Compare the first two. An open gate is open for every edge of its relation, decoys included; only the
# contribution knows which message went through and what it said.

# %% tags=["hide-input"]
publish(build("fig-own-drug-evidence", records))

# %% [markdown]
# ## When not to believe it
#
# A prediction comes with a probability. Is it one? If of all pairs answered with a probability near 0.8 four in five
# are right, the model is *calibrated*. {numref}`fig-own-calibration` shows how far that holds, and what follows:
# whoever may say "I do not know" can leave the unsure pairs to a pharmacologist. In the lower panels move from right
# to left. How many pairs must go unanswered until the rest is as reliable as you need?

# %% tags=["hide-input"]
publish(build("fig-own-calibration", records))

# %% [markdown]
# Probabilities are known only after asking. Two warnings are visible beforehand. How many facts does the network hold
# about the new drug? And how far apart are the two? If no path of three facts joins them, no message arrives, and the
# model can only repeat what it says of every such pair. {numref}`fig-own-trust` counts what is right in each case,
# beside the best rival. Where the two do not differ, the network has told nothing.

# %% tags=["hide-input"]
publish(build("fig-own-trust", records))

# %% [markdown]
# ## What to take along
#
# Knowledge took the place of three things here: of parameters, since entities need none; of interactions, since a new
# drug can borrow what is known of its proteins; and of faith, since the terms of the sum can be read. What it did not
# replace is judgement. The network knows drugs that have been studied, and says least about those of which one would
# like to know most.
#
# ## Run it yourself
#
# ```
# parsimony run "Planted-drugs/*" --profile quick
# parsimony run "DrugBank/emergnn" --profile paper --seed 0
# parsimony show tab-own-drugs
# parsimony show fig-11
# parsimony bench emergnn-growth
# ```

# %% tags=["hide-input"]
print(colophon(len(records.paths), time.perf_counter() - start))
