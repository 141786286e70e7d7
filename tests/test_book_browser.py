"""The book in a real browser: pages without fault, buttons that keep their promise, graphs that answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import urlretrieve

import pytest

from parsimony.book.browser import OFFLINE, browse, chromium, served
from parsimony.book.embedded import read_origin
from parsimony.book.pdf import NAME
from parsimony.book.weight import files_of
from small_book import SmallBook

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pypdf.generic import Destination

A4 = (210, 297)  # millimetres
pytestmark = pytest.mark.skipif(chromium() is None, reason="needs Chromium, which is not here")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> SmallBook:
    """A small book that is built."""
    small = SmallBook(tmp_path_factory.mktemp("browsed"))
    done = small.module("parsimony.book.build")
    assert 0 == done.returncode, done.stderr[-3000:]
    return small


@pytest.fixture(scope="module")
def site(book: SmallBook) -> Path:
    """The built pages of a small book."""
    return book.root / "_build" / "html"


@pytest.fixture(scope="module")
def tab(site: Path) -> Iterator[Page]:
    """A page of a browser at the root of the served site, which may write to the clipboard."""
    from playwright.sync_api import sync_playwright

    with served(site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=OFFLINE)
        context = browser.new_context(base_url=address, permissions=["clipboard-read", "clipboard-write"])
        yield context.new_page()
        browser.close()


def test_no_page_has_a_fault(site: Path, tmp_path: Path) -> None:
    """At both widths and in both modes: no error, no foreign request, no overflow, no grave violation."""
    assert [] == browse(site, tmp_path)
    assert len(list(tmp_path.glob("*.png"))) == 4 * len(list(site.glob("book/**/*.html")))


def test_cite_opens_and_copies_what_it_shows(tab: Page) -> None:
    """By keyboard: the button opens the panel, a form is chosen, the entry lands on the clipboard, Escape closes."""
    tab.goto("/book/chapters/demo.html")
    tab.locator('.opens-panel[popovertarget="fig-3-cite"]').press("Enter")
    panel = tab.locator("#fig-3-cite")
    assert panel.is_visible() and "@misc{parsimony-fig-3," in panel.inner_text()
    panel.get_by_label("CSL-JSON").check()
    panel.get_by_role("button", name="Copy CSL-JSON").click()
    tab.wait_for_function("navigator.clipboard.readText().then((text) => text.startsWith('['))")
    copied = json.loads(tab.evaluate("navigator.clipboard.readText()"))
    assert ["parsimony-fig-3", "yao2024parsimony"] == [one["id"] for one in copied]
    assert copied[0]["URL"].endswith("book/chapters/demo.html#fig-3")
    tab.keyboard.press("Escape")
    assert not panel.is_visible()


def test_downloads_are_what_the_page_shows(tab: Page, tmp_path: Path) -> None:
    """Every file of the figure can be had and tells its origin."""
    tab.goto("/book/chapters/demo.html")
    tab.locator('.opens-panel[popovertarget="fig-3-download"]').click()
    links = tab.locator("#fig-3-download a").all()
    assert {"CSV", "PNG", "SVG", "PDF", "JSON"} == {link.inner_text() for link in links}
    for link in links:
        target = tmp_path / link.get_attribute("href").rpartition("/")[2]
        urlretrieve(link.evaluate("(one) => one.href"), target)
        assert "fig-3" == read_origin(target)["id"]


def test_the_command_that_runs_a_page_can_be_copied(tab: Page) -> None:
    """What lands on the clipboard is what stands there."""
    tab.goto("/book/chapters/demo.html")
    tab.locator('[data-copy="run-this-page"]').press("Enter")
    tab.wait_for_function("navigator.clipboard.readText().then((text) => text.endsWith('run demo'))")
    assert ".venv/bin/python -m parsimony.book.run demo" == tab.evaluate("navigator.clipboard.readText()")


def test_a_wide_formula_can_be_reached_by_keyboard(tab: Page) -> None:
    """What scrolls inside its box is a stop of the Tab key, so that arrows move it."""
    tab.goto("/book/explain.html")
    tab.wait_for_selector("mjx-container[tabindex='0']", state="attached")
    assert tab.locator("mjx-container").first.evaluate("(one) => one.scrollWidth > one.clientWidth")


@pytest.mark.parametrize("name", ["intro", "chapters/demo", "explain"])
def test_a_browser_fetches_nothing_that_is_not_weighed(tab: Page, site: Path, name: str) -> None:
    """Every file that the page asks for stands in the sum; a figure comes as WebP once a reader is near it."""
    asked: set[str] = set()
    note = lambda one: asked.add(urlsplit(one.url).path.removeprefix("/"))
    tab.on("request", note)
    tab.goto(f"/book/{name}.html", wait_until="networkidle")
    for picture in tab.locator("figure img").all():
        picture.scroll_into_view_if_needed()
    tab.wait_for_timeout(300)
    tab.remove_listener("request", note)
    page = site / "book" / f"{name}.html"
    counted = {path.relative_to(site).as_posix() for path in {page, *files_of(page, site)}}
    assert set() == asked - counted and (name == "intro") == (not any(one.endswith(".webp") for one in asked))


def test_a_graph_answers_to_slider_path_node_and_choice(tab: Page) -> None:
    """Raising the threshold drops what is weak and what it leaves loose; words say what is seen."""
    tab.goto("/book/more.html")
    graph, said = tab.locator("#fig-own-prose-graph-0"), tab.locator(".explorer-said")
    assert "4 of 4 edges" in said.inner_text()
    tab.get_by_label("Least attention").fill("0.5")
    assert "2 of 4 edges" in said.inner_text() and 2 == graph.locator("path.edge.weak").count()
    graph.get_by_role("button", name="a is before c and c is before b.").click()
    assert "0.720" in said.inner_text() and 2 == graph.locator("path.edge.on").count()
    graph.get_by_role("button", name="d, column 2").press("Enter")
    assert said.inner_text().startswith("d: a is before d") and 3 == graph.locator("g.node.on").count()
    tab.get_by_role("button", name="Reset").press("Enter")
    assert "4 of 4 edges" in said.inner_text() and 0 == graph.locator(".on").count()
    tab.get_by_label("Query").select_option(label="Toy: again?")
    assert not graph.is_visible() and tab.locator("#fig-own-prose-graph-1").is_visible()
    tab.get_by_label("Least attention").fill("0.95")
    assert "No path is left" in said.inner_text()


def test_without_scripts_the_words_remain(tab: Page) -> None:
    """The first graph, its paths, its table, a grid and a list of candidates stand there; what needs a script hides."""
    address = tab.evaluate("location.origin")
    context = tab.context.browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/book/more.html")
    assert page.get_by_text("a is before c and c is before b.").first.is_visible()
    assert not page.locator(".explorer-controls").is_visible()
    page.goto(f"{address}/book/explain.html")
    assert 0 == page.locator(".explorer-controls:visible").count()
    assert page.get_by_text("Symmetric relations").first.is_visible()
    assert page.locator("button.block").first.is_visible()
    assert 3 == page.locator("#fig-own-steps-search-0 li[data-number]:visible").count()
    context.close()


def test_the_whole_book_on_paper(book: SmallBook) -> None:
    """One file of A4 pages holds the front page, the executed chapter and the lists, with an outline of all of them."""
    from pypdf import PdfReader

    done = book.module("parsimony.book.pdf")
    assert 0 == done.returncode, done.stderr[-3000:]
    (target,) = (book.root / "_build" / "pdf").iterdir()
    assert NAME == target.name and str(target) in done.stdout
    reader = PdfReader(target)
    assert A4 == tuple(round(float(side) / 72 * 25.4) for side in reader.pages[0].mediabox[2:])
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    assert [] == [said for said in ("Counting, a book", "Does counting count?", "Lists", "fig-3") if said not in text]
    titles = " / ".join(one.title for one in outline(reader.outline))
    assert [] == [title for title in ("Counting, a book", "1. Counting", "Lists") if title not in titles]


def outline(entries: list) -> Iterator[Destination]:
    """Yield the entries of an outline, nested ones too."""
    for one in entries:
        yield from outline(one) if isinstance(one, list) else [one]


def test_a_grid_answers_to_hover_focus_press_and_choice(tab: Page) -> None:
    """Pointing or tabbing reads a cell, pressing keeps it, another structure and another data set show their own."""
    tab.goto("/book/explain.html")
    grid, said = tab.locator("#fig-own-grid-structure-0-0"), tab.locator("#fig-own-grid-explore .explorer-said")
    cell = grid.locator("button.block[data-place='2']")
    cell.hover()
    assert said.inner_text().startswith("⟨h₁, r₃, t₃⟩: part 1 of the head") and "subtracted" in said.inner_text()
    assert "− ⟨h₁, r₃, t₃⟩" == grid.locator(".structure-formula .on").inner_text()
    cell.press("Enter")
    grid.locator("button.block[data-place='0']").focus()
    assert said.inner_text().startswith("⟨h₁, r₁, t₁⟩") and "on the diagonal" in said.inner_text()
    tab.keyboard.press("Tab")
    tab.keyboard.press("Tab")
    assert "h₂" in said.inner_text()
    tab.get_by_label("Data set").focus()
    assert said.inner_text().startswith("⟨h₁, r₃, t₃⟩") and "true" == cell.get_attribute("aria-pressed")
    cell.press(" ")
    assert "false" == cell.get_attribute("aria-pressed")
    tab.get_by_label("Structure on Toy").select_option(label="Diagonal")
    assert not grid.is_visible() and tab.get_by_text("every r is symmetric").first.is_visible()
    tab.get_by_label("Data set").select_option(label="Game")
    assert tab.locator("#fig-own-grid-structure-1-0").is_visible()
    assert tab.get_by_label("Structure on Game").is_visible() and not tab.get_by_label("Structure on Toy").is_visible()


def test_a_search_answers_to_buttons_slider_point_and_choice(tab: Page) -> None:
    """Each way leads to a candidate, which is read and ringed; only those asked for are stepped through."""
    tab.goto("/book/explain.html")
    search = tab.locator("#fig-own-steps-search-0")
    said, ring = search.locator(".explorer-said"), search.locator(".ring")
    previous, following = (tab.get_by_role("button", name=name, exact=True) for name in ("Previous", "Next"))
    assert said.inner_text().startswith("Candidate 1. Begin with full blocks: complexity 12, loss 0.2, kept.")
    assert "true" == previous.get_attribute("aria-disabled")
    following.press("Enter")
    assert "Candidate 2. Leave out a function: complexity 4, loss 0.9, dropped." in said.inner_text()
    assert ring.get_attribute("cx") == search.locator("circle[data-number='2']").get_attribute("cx")
    tab.get_by_role("slider", name="Candidate").press("ArrowRight")
    assert "Candidate 3." in said.inner_text() and "on the Pareto front" in said.inner_text()
    following.press("Enter")  # there is no further one
    assert "Candidate 3." in said.inner_text()
    search.locator("circle[data-number='1']").click()
    assert "Candidate 1." in said.inner_text() and "1 of 3" == tab.locator(".searches output").inner_text()
    tab.locator("select.of-kind").select_option(label="those on the Pareto front")
    assert "Candidate 3." in said.inner_text() and "1 of 1" == tab.locator(".searches output").inner_text()
    tab.locator("select.of-search").select_option(label="other law")
    assert not search.is_visible() and tab.locator("#fig-own-steps-search-1").get_by_text("u1 = b").is_visible()
