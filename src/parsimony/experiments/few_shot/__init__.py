"""Runs on few-shot molecular property prediction: PAR, PACIA and their rivals (Table 5)."""
