"""From arrays to numbers: one definition of every measure."""
