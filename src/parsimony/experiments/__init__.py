"""The catalogue of runs, and what trains and measures each of them."""
