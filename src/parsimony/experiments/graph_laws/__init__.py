"""Runs on graph laws: known ones that are to be found again, and those of recorded pedestrians."""
