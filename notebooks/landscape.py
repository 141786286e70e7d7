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
# (ch-landscape)=
# # The landscape
#
# **What stops deep networks from scaling for ever, and what can knowledge do about it?** At the end of this page
# you can say which bottleneck each method of the book answers, and where its knowledge enters.

# %% tags=["parameters", "remove-cell"]
profile = "quick"

# %% tags=["hide-input"]
import time

from parsimony.artifacts.catalogue import build
from parsimony.book import colophon, publish
from parsimony.experiments.archive import open_archive

start = time.perf_counter()
records = open_archive()

# %% [markdown]
# ## Three bottlenecks, three answers
#
# A larger network needs more parameters, more samples and more trust. Each need meets a limit: a task that does not
# justify the parameters, a rare task without the samples, a person who cannot check the answer. Parsimony learning
# {cite}`yao2024parsimony` answers each limit with knowledge, {numref}`fig-1`.

# %% tags=["hide-input"]
publish(build("fig-1", records))

# %% [markdown]
# ## Knowledge and data are dual
#
# Knowledge says which functions are worth fitting; a fitted function can be read back as knowledge. {numref}`fig-2`
# shows the circle. What makes a method parsimonious is how little has to pass along each arrow: a grid of 16 signs,
# four modulations, a few scales, a handful of paths, one formula.

# %% tags=["hide-input"]
publish(build("fig-2", records))

# %% [markdown]
# ## Where each method stands
#
# {numref}`tab-1` lists every method of the first paper with its two spaces. The chapters follow its rows. The second
# paper {cite}`boopathy2024modularity` gives the argument a number: a network that is modular in the way the task is
# needs far fewer samples as the task grows.

# %% tags=["hide-input"]
publish(build("tab-1", records))

# %% tags=["hide-input"]
print(colophon(len(records.paths), time.perf_counter() - start))
