"""Runs on cold-start users: one recommender, the search of ColdNAS, closed forms."""
