"""Methods that the papers compare with, one module each."""
