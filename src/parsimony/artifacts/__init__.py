"""Tables and figures, built from records and published values alone; no torch here."""
