"""Runs of the second paper: scaling law, sine waves, compositional images."""
