"""The methods of the two papers, in the order in which the first paper presents them.

| module | method | section | shown in |
| --- | --- | --- | --- |
| `bilinear_structure`, `structure_predictor`, `autoblm` | AutoBLM, AutoBLM+ | 3.1 | Table 2, Figure 3 |
| `redgnn`, `relational_digraph`, `redgnn_cost` | RED-GNN | 5.1 | Table 6, Figure 7 |
"""
