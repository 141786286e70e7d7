"""Laws on graphs as text and formulas; nothing here needs torch.

| module | what it holds |
| --- | --- |
| `message_flow` | skeletons: which quantities a law passes along a graph, and how a search prunes them |
| `formula` | formulas with named constants |
| `engine` | symbolic regression behind one interface |
| `units` | which formulas have consistent units |
| `graph_writing` | a law written out on a small graph |
| `law_text`, `law_latex` | a law read from text, and written as one equation |
| `equivalence` | whether a found formula is the true one |
"""
