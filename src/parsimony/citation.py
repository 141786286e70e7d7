"""How to cite the companion, one of its figures or tables, and the two original papers.

A work is a CSL-JSON object; all formats are written from it, so they cannot disagree.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from parsimony import __version__

Work = dict[str, Any]
AUTHORS = "The Parsimony contributors"


def _people(*names: str) -> list[dict[str, str]]:
    pairs = [name.rsplit(" ", 1) for name in names]
    return [{"given": given, "family": family} for given, family in pairs]


def _preprint(key: str, title: str, authors: list[dict[str, str]], year: int, number: str) -> Work:
    return {
        "id": key,
        "type": "article",
        "title": title,
        "author": authors,
        "issued": {"date-parts": [[year]]},
        "publisher": "arXiv",
        "number": number,
        "URL": f"https://arxiv.org/abs/{number}",
    }


BEYOND_SCALEUP = _preprint(
    "yao2024parsimony",
    "Beyond Scaleup: Knowledge-aware Parsimony Learning from Deep Networks",
    _people("Quanming Yao", "Yongqi Zhang", "Yaqing Wang", "Nan Yin", "James Kwok", "Qiang Yang"),
    2024,
    "2407.00478",
)
MODULARITY = _preprint(
    "boopathy2024modularity",
    "Breaking Neural Network Scaling Laws with Modularity",
    _people("Akhilan Boopathy", "Sunshine Jiang", "William Yue", "Jaedong Hwang", "Abhiram Iyer", "Ila Fiete"),
    2024,
    "2409.05780",
)


def companion() -> list[Work]:
    """Return the companion and the papers that it accompanies."""
    title = "Parsimony: the executable companion of Beyond Scaleup"
    return [_software("parsimony", title), BEYOND_SCALEUP, MODULARITY]


def of_artifact(identifier: str, title: str, origin: Mapping[str, Any]) -> list[Work]:
    """Return one figure or table, with what fixes its content, and the paper that it belongs to."""
    version = origin.get("version", __version__)
    work = _software(f"parsimony-{identifier}", f"{title} ({identifier} of Parsimony)", version)
    prints = sorted({one["fingerprint"][:8] for one in origin["records"]})
    runs = f"{origin['runs']} runs" + (f", fingerprints {' '.join(prints)}" if prints else "")
    work["note"] = f"commit {origin['commit'][:12] or 'unknown'}; {runs}"
    return [work, paper_of(identifier)]


def paper_of(identifier: str) -> Work:
    """Return the paper that a figure or table belongs to."""
    return MODULARITY if identifier.startswith(("fig-mod-", "tab-mod-")) else BEYOND_SCALEUP


def _software(key: str, title: str, version: str = __version__) -> Work:
    return {"id": key, "type": "software", "title": title, "author": [{"literal": AUTHORS}], "version": version}


def as_bibtex(works: Sequence[Work]) -> str:
    """Write BibTeX entries."""
    return "\n\n".join(map(_bibtex_entry, works))


def _bibtex_entry(work: Work) -> str:
    fields = {
        "title": f"{{{work['title']}}}",
        "author": " and ".join(_bibtex_name(one) for one in work["author"]),
        "year": _year(work),
        "version": work.get("version", ""),
        "eprint": work.get("number", ""),
        "archiveprefix": work.get("publisher", ""),
        "url": work.get("URL", ""),
        "note": work.get("note", ""),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@misc{{{work['id']},\n" + ",\n".join(lines) + "\n}"


def _bibtex_name(person: Mapping[str, str]) -> str:
    return f"{{{person['literal']}}}" if "literal" in person else f"{person['family']}, {person['given']}"


def as_csl_json(works: Sequence[Work]) -> str:
    """Write CSL-JSON."""
    return json.dumps(works, indent=1, ensure_ascii=False)


def as_plain(works: Sequence[Work]) -> str:
    """Write one sentence a work."""
    return "\n".join(map(_sentence, works))


def _sentence(work: Work) -> str:
    names = [one.get("literal") or f"{one['given']} {one['family']}" for one in work["author"]]
    version = f"version {work['version']}" if "version" in work else ""
    place = f"arXiv:{work['number']}" if "number" in work else ""
    parts = [", ".join(names), work["title"], version, place, _year(work), work.get("note", "")]
    return ". ".join(filter(None, parts)) + "."


def as_apa(works: Sequence[Work]) -> str:
    """Write one reference a work in the seventh edition of the APA style, as plain text."""
    return "\n".join(map(_apa_reference, works))


def _apa_reference(work: Work) -> str:
    names = [one.get("literal") or f"{one['family']}, {_initials(one['given'])}" for one in work["author"]]
    authors = ", ".join(names[:-1]) + (", & " if names[1:] else "") + names[-1]
    kind = f" (Version {work['version']}) [Computer software]" if "version" in work else ""
    place = f" {work['publisher']}." if "publisher" in work else ""
    address = f" {work['URL']}" if "URL" in work else ""
    return f"{authors.rstrip('.')}. ({_year(work) or 'n.d.'}). {work['title']}{kind}.{place}{address}"


def _initials(given: str) -> str:
    return " ".join(f"{name[0]}." for name in given.split())


def _year(work: Work) -> str:
    return str(work["issued"]["date-parts"][0][0]) if "issued" in work else ""


FORMATS: Mapping[str, Callable[[Sequence[Work]], str]] = {
    "bibtex": as_bibtex,
    "csl-json": as_csl_json,
    "apa": as_apa,
    "plain": as_plain,
}
