"""The checks of the built pages find what is wrong and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsimony.book.checks import check_site, main

GOOD = """<html><head><link rel="canonical" href="https://x.org/a.html"><link rel="stylesheet" href="s.css?v=1"></head>
<body id="top"><a href="https://x.org">out</a> <a href="#top">up</a> <a href="b/">b</a>
<a href="b/index.html#far">far</a>
<img src="data:image/png;base64,AA"></body></html>"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Two pages without a fault."""
    (tmp_path / "b").mkdir()
    (tmp_path / "index.html").write_text(GOOD)
    (tmp_path / "b" / "index.html").write_text('<p id="far">far</p><a href="../index.html#top">back</a>')
    (tmp_path / "s.css").write_text("")
    return tmp_path


def test_a_whole_site_has_no_fault(site: Path) -> None:
    """Links out, anchors, folders, embedded data and canonical addresses are all in order."""
    assert [] == check_site(site)
    assert 0 == main([str(site)])


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        ('<script src="https://cdn.org/x.js"></script>', "on another host"),
        ('<img src="//cdn.org/x.png">', "on another host"),
        ('<link rel="stylesheet" href="https://cdn.org/x.css">', "on another host"),
        ('<img src="lost.png">', "does not exist"),
        ('<a href="lost.html">x</a>', "does not exist"),
        ('<a href="#lost">x</a>', "no anchor 'lost'"),
        ('<a href="b/index.html#lost">x</a>', "no anchor 'lost'"),
        ('<a href="../outside.html">x</a>', "out of the site"),
    ],
)
def test_a_fault_is_named_with_its_page(markup: str, said: str, site: Path) -> None:
    """One wrong tag gives one line."""
    (site / "index.html").write_text(GOOD + markup)
    faults = check_site(site)
    assert 1 == len(faults)
    assert faults[0].startswith("index.html: ") and said in faults[0]
    assert 1 == main([str(site)])


def test_an_empty_folder_is_not_a_book(tmp_path: Path) -> None:
    """The message says how to build one."""
    with pytest.raises(FileNotFoundError, match="make book"):
        check_site(tmp_path)
