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
| `fingerprint_mlp` | MLP on fingerprints | beside Figure 11 |
| `csmddi`, `pair_forest` | CSMDDI | Figures 10 and 11 |
| `hin_ddi` | HIN-DDI | Figures 10 and 11 |
| `kg_ddi` | KG-DDI | Figure 11 |
| `decagon` | Decagon | Figure 11 |
| `deeplgf` | DeepLGF | Figure 11 |
| `tiger` | TIGER | Figure 10 |
| `text_ddi_lite` | TextDDI-lite, no pretraining | Figures 10 and 11 |
| `rating_means` | closed forms | companion of Table 3 |
"""
