"""The extension: a small book built from a fresh checkout, and the warnings that it must give."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from pathlib import Path

import pytest
from docutils import nodes
from docutils.utils import new_document
from PIL import Image
from rocrate.rocrate import ROCrate

from parsimony import paths
from parsimony.book import weight
from parsimony.book.page_facts import reading_minutes
from parsimony.book.pictures import NARROW
from parsimony.book.site import feed
from parsimony.book.tables import shown, table
from parsimony.book.toc import walk
from small_book import SmallBook

STRICT = ("-n", "-W", "--keep-going")

FAULTS = """# Faults

```{artifact} tab-9
```
```{artifact} tab-2
:digest: 000000000000
:noname:
```
```{artifact} fig-3
```
{val}`Toy.counter.quick.MRE` {numref}`tab-8`
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> SmallBook:
    """A book built with nothing but `jupyter-book build .` and warnings as errors."""
    made = SmallBook(tmp_path_factory.mktemp("book"))
    done = made.program("jupyter-book", "build", ".", *STRICT)
    assert 0 == done.returncode, done.stdout[-3000:] + done.stderr[-3000:]
    return made


def page(book: SmallBook, name: str) -> str:
    """Return the HTML of a built page."""
    return (book.root / "_build" / "html" / name).read_text()


def digests(folder: Path) -> dict[str, str]:
    """Return the digest of every file of the built site."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_artifacts_carry_number_caption_label_and_card(book: SmallBook) -> None:
    """A table is a table and a figure is a figure, each with its permanent identifier."""
    text = page(book, "book/chapters/demo.html")
    assert re.search(r'<table[^>]* id="tab-2"', text) and "Table 1.1" in text
    assert re.search(r'<figure[^>]* id="fig-3"', text) and "Fig. 1.1" in text
    assert 'alt="Counting gives one half whatever the seed."' in text
    assert 2 == text.count('<div class="artifact-card">') == text.count(">Cite</button>")
    assert "quick profile</span>" in text


def test_prose_shows_what_no_notebook_publishes(book: SmallBook) -> None:
    """A picture that needs no chapter is published by the build, and numbered on its own page."""
    text = page(book, "book/more.html")
    assert re.search(r'<figure[^>]* id="fig-own-prose"', text)
    assert (book.root / "_build" / "html" / "artifacts" / "fig-own-prose" / "fig-own-prose.svg").is_file()


def test_downloads_lie_where_the_card_says(book: SmallBook) -> None:
    """The permanent addresses exist in the built site."""
    html = book.root / "_build" / "html"
    links = re.findall(r'href="\.\./\.\./(artifacts/[^"]+)"', page(book, "book/chapters/demo.html"))
    assert {"artifacts/fig-3/fig-3.svg", "artifacts/tab-2/tab-2.csv", "artifacts/tab-2/tab-2.json"} <= set(links)
    assert [] == [link for link in links if not (html / link).is_file()]


def test_prose_prints_a_value_with_its_records(book: SmallBook) -> None:
    """The number comes from the records, which stand in the tooltip."""
    text = page(book, "book/intro.html")
    assert ">0.500</span>" in text
    assert "Toy/counter-quick-seed0, Toy/counter-quick-seed1" in text
    assert ">Table 1.1<" in re.sub(r"</?span[^>]*>", "", text)


def test_lists_name_everything(book: SmallBook) -> None:
    """Artifacts, claims and experiments, the missing ones included."""
    text = page(book, "book/more.html")
    for expected in ("fig-3", "tab-2", "Counting counts.", "not run", "Toy/counter-quick-seed0", "missing"):
        assert expected in text


def test_the_ledger_is_shown_and_exported(book: SmallBook) -> None:
    """Every published cell has a line, one that no run stands behind as well."""
    text = page(book, "book/more.html")
    assert "2 cells, 1 with a published value: 2 not run." in text and "Nobody, Table 2" in text
    exported = json.loads(page(book, "artifacts/ledger/ledger.json"))
    assert [("0.500", "not run"), ("not available", "not run")] == [(one["published"], one["ours"]) for one in exported]
    assert 3 == len(page(book, "artifacts/ledger/ledger.csv").splitlines())


def test_pages_load_nothing_from_elsewhere(book: SmallBook) -> None:
    """MathJax lies in the site, where it is needed; thebe and drawn icons are gone; Pages will serve `_static`."""
    text, html = page(book, "book/intro.html"), book.root / "_build" / "html"
    assert "_static/mathjax/startup.js" in text
    assert (html / "_static" / "mathjax" / "startup.js").is_file()
    assert (html / ".nojekyll").is_file()
    assert "static/mathjax" not in page(book, "book/more.html")
    assert "fontawesome.js" not in text and not (html / "_static" / "scripts" / "fontawesome.js").exists()
    assert "thebe" not in page(book, "book/chapters/demo.html").lower()


def test_a_figure_comes_late_in_two_widths_with_its_room_kept(book: SmallBook) -> None:
    """The files that the page offers are there, as wide as it says, and much lighter than the PNG."""
    text, html = page(book, "book/chapters/demo.html"), book.root / "_build" / "html"
    (offered,) = re.findall(r'<source type="image/webp" srcset="([^"]+)" sizes="[^"]+" /><img alt="Counting', text)
    ((width, height),) = re.findall(r'fig-3.png" width="(\d+)" height="(\d+)" loading="lazy"', text)
    paths = [(html / "book" / "chapters" / one.split()[0]).resolve() for one in offered.split(", ")]
    assert [f"fig-3-{NARROW}.webp", f"fig-3-{width}.webp"] == [one.name for one in paths]
    for path, said in zip(paths, (NARROW, int(width)), strict=True):
        with Image.open(path) as picture:
            assert said == picture.width and picture.height == pytest.approx(said * int(height) / int(width), abs=1)
        assert path.stat().st_size < (html / "_images" / "fig-3.png").stat().st_size


def test_no_page_is_too_heavy(book: SmallBook) -> None:
    """The first page and every other keep within their limits, and the figure of a page counts."""
    html = book.root / "_build" / "html"
    assert [] == [*weight.too_heavy(html)]
    wide = max((html / "artifacts" / "fig-3").glob("*.webp"), key=lambda one: one.stat().st_size)
    without = html / "book" / "chapters" / "demo-without.html"
    without.write_text(re.sub(r"<picture>.*?</picture>", "", page(book, "book/chapters/demo.html")))
    difference = weight.weight_of(html / "book/chapters/demo.html", html) - weight.weight_of(without, html)
    without.unlink()
    assert wide.stat().st_size < difference < wide.stat().st_size + 1000


def test_a_page_says_how_long_it_takes_and_how_to_run_it(book: SmallBook) -> None:
    """A chapter offers two hosts and a command that exists; another page only its time."""
    text = page(book, "book/chapters/demo.html")
    assert "<span>1 minute to read</span>" in text and "Run this page" in text
    (command,) = re.findall(r'<code id="run-this-page">([^<]+)</code>', text)
    program, *words = shlex.split(command)
    assert (".venv/bin/python", ["-m", "parsimony.book.run", "demo"]) == (program, words)
    done = book.module(*words[1:])
    assert 0 == done.returncode, done.stderr
    assert "minute to read" in page(book, "book/more.html") and "Run this page" not in page(book, "book/more.html")


@pytest.mark.parametrize(("words", "minutes"), [(1, 1), (238, 1), (239, 2), (1190, 5)])
def test_reading_time_by_hand(words: int, minutes: int) -> None:
    """238 words a minute, begun minutes counted; words in cells of a table are not prose."""
    cell = nodes.entry("", nodes.paragraph("", "", nodes.Text("cell " * 1000)))
    document = new_document("a page")
    document += [nodes.paragraph("", "", nodes.Text("word " * words)), nodes.table("", nodes.row("", cell))]
    assert minutes == reading_minutes(document)


def test_launch_buttons_open_files_that_exist(book: SmallBook) -> None:
    """Binder opens the script in the repository, Colab the published notebook, which installs the project first."""
    text = page(book, "book/chapters/demo.html")
    assert "urlpath=lab%2Ftree%2Fnotebooks%2Fdemo.py" in text
    assert "/blob/gh-pages/colab/demo.ipynb" in text
    first = json.loads(page(book, "colab/demo.ipynb"))["cells"][0]["source"]
    assert "git clone" in "".join(first)


def described(text: str) -> dict:
    """Return what a page says of itself in JSON-LD."""
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    return json.loads(found)


def test_a_chapter_tells_machines_what_it_is(book: SmallBook) -> None:
    """Catalogues, engines and social cards find title, authors, parts, paper and picture."""
    text = page(book, "book/chapters/demo.html")
    base = "https://parsimony-companion.github.io/parsimony/"
    for name, value in {"citation_title": "Counting", "citation_public_url": f"{base}book/chapters/demo.html"}.items():
        assert f'<meta name="{name}" content="' in text and re.search(rf'name="{name}" content="[^"]*{value}"', text)
    article = described(text)
    assert ("ScholarlyArticle", f"{base}book/chapters/demo.html") == (article["@type"], article["@id"])
    table, figure = article["hasPart"]
    assert ("tab-2", "https://arxiv.org/abs/2407.00478") == (table["identifier"], table["isBasedOn"])
    assert f"{base}artifacts/fig-3/fig-3.png" == figure["contentUrl"]
    assert f'<meta property="og:image" content="{base}artifacts/fig-3/fig-3.png" />' in text
    assert 'property="og:image:alt" content="Counting gives one half whatever the seed."' in text
    assert "WebPage" == described(page(book, "book/intro.html"))["@type"]


def test_the_site_is_a_research_object(book: SmallBook) -> None:
    """The library reads the crate back: every file is there, and each was made from records by a notebook."""
    html = book.root / "_build" / "html"
    crate = ROCrate(html)
    files = {one.id: one for one in crate.data_entities}
    assert {"artifacts/tab-2/tab-2.csv", "artifacts/fig-3/fig-3.png"} <= set(files)
    for name, one in files.items():
        assert hashlib.sha256((html / name).read_bytes()).hexdigest() == one["sha256"]
    made = crate.get("#make-tab-2")
    assert "CreateAction" == made.type and made["instrument"].id.endswith("/blob/main/notebooks/demo.py")
    assert ["artifacts/tab-2/tab-2.csv"] == [one.id for one in made["result"]]
    assert {"Toy/counter-quick-seed0", "Toy/counter-quick-seed1"} == {one["name"] for one in made["object"]}
    assert "https://arxiv.org/abs/2407.00478" == files["artifacts/tab-2/tab-2.csv"]["isBasedOn"].id
    assert "2026" == crate.datePublished.isoformat()[:4]


def test_feed_sitemap_and_missing_page_are_there(book: SmallBook) -> None:
    """The changelog is a feed, pages are listed, and a wrong address is answered."""
    assert "<title>0.1.0</title>" in page(book, "feed.xml") and "It counts." in page(book, "feed.xml")
    assert "book/chapters/demo.html" in page(book, "sitemap.xml")
    assert "There is no page here" in page(book, "404.html")
    assert 'type="application/atom+xml"' in page(book, "book/intro.html")


def test_a_second_build_is_the_same_and_a_third_is_skipped(book: SmallBook) -> None:
    """`make book` writes the bytes that the plain command wrote, checks them, and then has nothing to do."""
    first = digests(book.root / "_build" / "html")
    done = book.module("parsimony.book.build")
    assert 0 == done.returncode, done.stderr[-3000:]
    assert first == digests(book.root / "_build" / "html")
    assert "pages: current" in book.module("parsimony.book.build").stdout


def test_what_is_wrong_with_an_artifact_is_a_warning(book: SmallBook) -> None:
    """Missing, stale and repeated artifacts, unknown values and labels each stop a strict build."""
    book.write("book/faults.md", FAULTS)
    book.replace("_toc.yml", "      - file: book/more", "      - file: book/more\n      - file: book/faults")
    done = book.program("jupyter-book", "build", ".", *STRICT, "--path-output", "other")
    assert 0 != done.returncode
    said = re.sub(r"\s+", " ", re.sub(r"\x1b\[[0-9;]*m", "", done.stderr))
    for expected in ("'tab-9' is not published", "tab-2 is stale", "no value 'Toy.counter.quick.MRE'", "tab-8"):
        assert expected in said
    assert "uplicate label fig-3" in said


@pytest.mark.parametrize(
    ("expected", "text"),
    [(0, ""), (0, "## [Unreleased]\n- x\n"), (2, "## [2] - 2026-02-01\nb\n## [1] - 2026-01-01\na\n")],
)
def test_only_dated_releases_enter_the_feed(
    expected: int, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project without a release has a feed without entries."""
    (tmp_path / "_config.yml").write_text((paths.ROOT / "_config.yml").read_text())
    (tmp_path / "CHANGELOG.md").write_text(text)
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    assert expected == feed().count("<entry>")


def test_numbers_stand_to_the_right() -> None:
    """So do numbers with a deviation or a sign; words do not."""
    shown_table = table(["a"], [["0.5"], ["0.441 ± 0.002"], ["−1.5"], ["not run"], ["28 of 30"]])
    entries = [node for node in shown_table.findall() if node.tagname == "entry"][1:]
    assert [True, True, True, False, False] == ["text-right" in entry["classes"] for entry in entries]


@pytest.mark.parametrize(
    ("expected", "cell"), [("0.6667", "0.666667"), ("0.441", "0.441"), ("1e-05", "1e-05"), ("WN18RR", "WN18RR")]
)
def test_long_decimals_are_shortened(expected: str, cell: str) -> None:
    """Four significant digits on the page, six in the file."""
    assert expected == shown(cell)


def test_the_contents_are_walked_in_order() -> None:
    """Front page, chapters, and sections below them."""
    entry = {"root": "a", "parts": [{"chapters": [{"file": "b", "sections": [{"file": "c"}]}]}, {"chapters": []}]}
    assert ["a", "b", "c"] == list(walk(entry))
