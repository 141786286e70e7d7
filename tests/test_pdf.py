"""The book on paper where it cannot be printed; `test_book_browser.py` prints a small one."""

import sys
from pathlib import Path

import pytest

from parsimony.book import pdf


def test_without_a_browser_it_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is built, nothing fails, and the message says what to install."""
    monkeypatch.setattr(pdf, "chromium", lambda: None)
    monkeypatch.setattr(pdf, "single_page", lambda: pytest.fail("a page was built for no browser"))
    assert 0 == pdf.main()
    assert "printed by Chromium, which is not here; install it" in capsys.readouterr().out


def test_a_page_that_cannot_be_built_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sphinx fails: no file, status 1, and a line on standard error."""
    monkeypatch.setattr(pdf, "chromium", lambda: "chromium")
    monkeypatch.setattr(pdf.paths, "ROOT", tmp_path)
    program = tmp_path / "jupyter-book"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert 1 == pdf.main()
    assert "no PDF: Sphinx reported the errors above." in capsys.readouterr().err
    assert [program] == list(tmp_path.iterdir())
