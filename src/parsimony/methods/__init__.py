"""The methods of the two papers, in the order in which the first paper presents them; the second paper's come last.

| module | method | section | shown in |
| --- | --- | --- | --- |
| `bilinear_structure`, `structure_predictor`, `autoblm` | AutoBLM, AutoBLM+ | 3.1 | Table 2, Figure 3 |
| `modulation_space`, `coldnas` | ColdNAS | 3.2 | Table 3, Figure 4 |
| `par` | PAR | 4.1 | Tables 4 and 5, Figure 5 |
| `pacia` | PACIA | 4.2 | Tables 4 and 5, Figure 5 |
| `redgnn`, `relational_digraph`, `redgnn_cost` | RED-GNN | 5.1 | Table 6, Figures 6 and 7 |
| `flow_search`, `gsr` | GSR | 5.2 | Figures 8 and 9 |
| `modularity` | modular learning rule | second paper | Figures mod-1 to mod-5 |
| `modularity_images` | the same on images | second paper | Figure mod-6 |
"""
