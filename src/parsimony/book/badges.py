"""The badges of the README: small pictures that lie in the repository and say what is true of it, no host asked."""

from __future__ import annotations

from html import escape
from pathlib import Path

from parsimony import paths
from parsimony.artifacts.claims import count_verdicts
from parsimony.book.project import read_project
from parsimony.paths import write_text_atomically
from parsimony.records import Archive

FOLDER = "docs/badges"
LETTER, PAD, HEIGHT = 6.7, 8, 20  # pixels: width of a letter, room beside the words, height
INK, GROUNDS = "#ffffff", ("#3f4754", "#0b5d8a")  # 4.5:1 and more on both grounds


def badges(archive: Archive) -> dict[str, tuple[str, str]]:
    """Return label and value of each badge by the name of its file."""
    project, counts = read_project(), count_verdicts(archive)
    return {
        "version": ("version", project.version),
        "python": ("python", project.python),
        "licence": ("licence", f"{project.license}, text {project.text_license}"),
        "claims": ("claims reproduced", f"{counts.get('reproduced', 0)} of {sum(counts.values())}"),
    }


def badge(label: str, value: str) -> str:
    """Draw one badge: two words on two grounds."""
    first, second = (round(LETTER * len(one) + 2 * PAD) for one in (label, value))
    said = escape(f"{label}: {value}")
    texts = "".join(
        f'<text x="{x:g}" y="14" textLength="{LETTER * len(text):.0f}" lengthAdjust="spacingAndGlyphs">'
        f"{escape(text)}</text>"
        for x, text in ((first / 2, label), (first + second / 2, value))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{first + second}" height="{HEIGHT}" role="img" '
        f'aria-label="{said}"><title>{said}</title><rect width="{first}" height="{HEIGHT}" fill="{GROUNDS[0]}"/>'
        f'<rect x="{first}" width="{second}" height="{HEIGHT}" fill="{GROUNDS[1]}"/>'
        f'<g fill="{INK}" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">{texts}</g>'
        "</svg>\n"
    )


def badge_files(archive: Archive) -> dict[Path, str]:
    """Return the content of each badge's file."""
    return {paths.ROOT / FOLDER / f"{name}.svg": badge(*words) for name, words in badges(archive).items()}


def badge_line(archive: Archive) -> str:
    """Return the line of the README that shows them."""
    shown = badges(archive).items()
    return " ".join(f"![{label}: {value}]({FOLDER}/{name}.svg)" for name, (label, value) in shown)


def write_badges(archive: Archive) -> None:
    """Write the files."""
    for path, text in badge_files(archive).items():
        write_text_atomically(path, text)
