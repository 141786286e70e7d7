"""The book: publishing of figures and tables, the notebook runner, the Sphinx extension, the checks.

Every notebook imports this package first. It keeps tqdm from drawing widgets, whose views would make the pages load
scripts from other hosts: without its notebook form tqdm falls back to plain text, which `TQDM_DISABLE=1` silences.
"""

import sys

sys.modules.setdefault("tqdm.notebook", None)  # type: ignore[arg-type]  # None makes the import fail, on purpose

from parsimony.book.colophon import colophon  # noqa: E402
from parsimony.book.publish import Published, publish  # noqa: E402

__all__ = ["Published", "colophon", "publish"]
