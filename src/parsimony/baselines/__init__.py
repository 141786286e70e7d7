"""Methods that the papers compare with, one module each.

| module | method | shown in |
| --- | --- | --- |
| `compgcn` | CompGCN | Tables 2 and 6 |
| `interstellar`, `interstellar_architecture` | Interstellar | Table 2 |
| `tanp` | TaNP | Table 3 |
| `melu` | MeLU | Table 3 |
| `mamo` | MAMO | Table 3 |
| `rating_means` | closed forms | companion of Table 3 |
"""
