"""Raw files to frozen objects."""
