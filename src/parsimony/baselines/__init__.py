"""Baselines of the papers' tables, one module each.

| module | method | shown in |
| --- | --- | --- |
| `tanp` | TaNP: one neural process for all users, modulated for each | Table 3 |
"""
