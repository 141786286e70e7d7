"""CITATION.cff, codemeta.json and .zenodo.json, written from the project's one description of itself.

`parsimony metadata` writes them; a test tells when they are behind. Forms: Citation File Format 1.2.0, CodeMeta 3.0,
and the deposit metadata that Zenodo reads from a release.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from parsimony import paths
from parsimony.book.project import LICENCES, Project, read_project, read_works
from parsimony.paths import write_text_atomically

Work = Mapping[str, Any]


def citation_files() -> dict[str, str]:
    """Return the content of each file by its name."""
    project = read_project()
    papers, methods = read_works(project.companion_of), read_works(project.methods)
    return {
        "CITATION.cff": citation_cff(project, papers, methods),
        "codemeta.json": as_json(codemeta(project, papers)),
        ".zenodo.json": as_json(zenodo(project, papers, methods)),
    }


def write_citation_files() -> list[Path]:
    """Write the files at the root of the checkout."""
    return [write_text_atomically(paths.ROOT / name, text) for name, text in citation_files().items()]


def as_json(content: Mapping[str, Any]) -> str:
    """Write JSON as this project does."""
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def citation_cff(project: Project, papers: list[Work], methods: list[Work]) -> str:
    """Write the Citation File Format."""
    import yaml

    content = {
        "cff-version": "1.2.0",
        "message": project.message,
        "title": project.title,
        "abstract": f"{project.description}.",
        "type": "software",
        "version": project.version,
        "license": project.license,
        "url": project.home,
        "repository-code": project.repository,
        "keywords": list(project.keywords),
        "authors": [{"name": name} for name in project.authors],
        "preferred-citation": cff_reference(papers[0]),
        "references": [cff_reference(one) for one in (*papers, *methods)],
    }
    head = "# Written by `parsimony metadata` from pyproject.toml, data/metadata.toml and book/references.bib.\n"
    return head + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)


def cff_reference(work: Work) -> dict[str, Any]:
    """Return a work of the bibliography as the Citation File Format has it."""
    conference = {"conference": {"name": work["conference"]}} if work["conference"] else {}
    return {
        "type": "conference-paper" if conference else "article",
        "title": work["title"],
        "year": work["year"],
        **({"journal": work["journal"]} if work["journal"] else {}),
        **conference,
        **({"url": arxiv_address(work)} if work["arxiv"] else {}),
        "authors": [{"given-names": given, "family-names": family} for given, family in work["authors"]],
    }


def arxiv_address(work: Work) -> str:
    """Return the address of a preprint."""
    return f"https://arxiv.org/abs/{work['arxiv']}"


def codemeta(project: Project, papers: list[Work]) -> dict[str, Any]:
    """Return the CodeMeta description of the source."""
    return {
        "@context": "https://w3id.org/codemeta/3.0",
        "@type": "SoftwareSourceCode",
        "name": project.title,
        "description": project.description,
        "version": project.version,
        "license": f"{LICENCES}{project.license}",
        "codeRepository": project.repository,
        "issueTracker": f"{project.repository}/issues",
        "url": project.home,
        "programmingLanguage": "Python",
        "runtimePlatform": f"Python {project.python}",
        "softwareRequirements": [software(line) for line in project.requires],
        "keywords": list(project.keywords),
        "author": [{"@type": "Organization", "name": name} for name in project.authors],
        "referencePublication": [scholarly(one) for one in papers],
    }


def software(requirement: str) -> dict[str, str]:
    """Return one required package; its range stands as it does in pyproject.toml."""
    name, bounds = re.fullmatch(r"([\w-]+)(.*)", requirement).groups()
    return {"@type": "SoftwareApplication", "name": name, "version": bounds}


def scholarly(work: Work) -> dict[str, Any]:
    """Return a paper as schema.org has it."""
    return {
        "@type": "ScholarlyArticle",
        "@id": arxiv_address(work),
        "name": work["title"],
        "datePublished": str(work["year"]),
        "author": [{"@type": "Person", "givenName": given, "familyName": family} for given, family in work["authors"]],
    }


def zenodo(project: Project, papers: list[Work], methods: list[Work]) -> dict[str, Any]:
    """Return the metadata of a deposit: the companion supplements its papers and cites those of the methods."""
    related = [*((one, "isSupplementTo") for one in papers), *((one, "cites") for one in methods)]
    return {
        "title": project.title,
        "description": f"<p>{project.description}.</p><p>{project.message}</p>",
        "upload_type": "software",
        "version": project.version,
        "license": project.license,
        "language": "eng",
        "creators": [{"name": name} for name in project.authors],
        "keywords": list(project.keywords),
        "related_identifiers": [
            {"identifier": f"arXiv:{work['arxiv']}", "scheme": "arxiv", "relation": relation}
            for work, relation in related
            if work["arxiv"]
        ],
    }
