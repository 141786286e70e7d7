"""Let `python -m parsimony.cli` do what `parsimony` does."""

from parsimony.cli import app

if __name__ == "__main__":
    app(prog_name="parsimony")
