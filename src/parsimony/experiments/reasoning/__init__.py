"""Runs of reasoners on knowledge graphs: what is asked on which graph, training, and what a model bases answers on."""
