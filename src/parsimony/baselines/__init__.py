"""Methods that the papers compare with, one module each.

| module | method | shown in |
| --- | --- | --- |
| `compgcn` | CompGCN | Tables 2 and 6 |
| `interstellar`, `interstellar_architecture` | Interstellar | Table 2 |
| `nbfnet` | NBFNet | Table 6 |
| `drum` | DRUM | Table 6 |
| `rnnlogic`, `rule_generator`, `rule_predictor`, `chain_rules` | RNNLogic | Table 6 |
| `adaprop` | AdaProp | beyond Table 6 |
| `expansion` | edges that leave entities, for these four | |
| `tanp` | TaNP | Table 3 |
| `melu` | MeLU | Table 3 |
| `mamo` | MAMO | Table 3 |
| `maml` | MAML | Table 5 |
| `protonet` | ProtoNet | Table 5 |
| `siamese` | Siamese network | Table 5 |
| `tpn` | TPN | Table 5 |
| `iterreflstm` | IterRefLSTM | Table 5 |
| `egnn` | EGNN | Table 5 |
| `adkf_ift` | ADKF-IFT | Table 5 |
| `symdl` | SymDL | companion of Figure 8 |
| `aggregate_regression` | plain symbolic regression | companion of Figure 8 |
| `social_force_fit` | social force model, and GSR's formulas of corridors | companion of Figure 9 |
| `rating_means` | closed forms | companion of Table 3 |
"""
