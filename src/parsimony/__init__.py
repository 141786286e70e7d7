"""Parsimony: the executable, citable companion of two papers on knowledge-aware parsimony learning."""

__version__ = "0.1.0"
