"""The site as a research object: ro-crate-metadata.json, which ties figures to notebooks, runs and papers.

The profile is RO-Crate 1.1 as the library rocrate writes it. A figure or table lies in the crate; a record and a
notebook lie in the repository and are named by their address there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parsimony.book.chapters import shown_artifacts
from parsimony.book.project import read_project
from parsimony.book.sidecar import is_archived
from parsimony.citation import BEYOND_SCALEUP, MODULARITY, paper_of
from parsimony.paths import write_text_atomically

if TYPE_CHECKING:
    from rocrate.model.contextentity import ContextEntity
    from rocrate.rocrate import ROCrate

NAME = "ro-crate-metadata.json"
KINDS = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf", "csv": "text/csv"}


def write_crate(site: Path, config: Mapping[str, Any]) -> None:
    """Write the description of everything below `artifacts/` of a site.

    Args:
        site: folder that is copied to the root of the published book.
        config: content of `_config.yml`.
    """
    from rocrate.rocrate import ROCrate

    project = read_project()
    crate = ROCrate()
    crate.name, crate.license, crate.datePublished = project.title, project.license_address, config["copyright"]
    crate.description = f"{project.description}: every table and figure, with the runs behind each."
    crate.root_dataset["keywords"] = list(project.keywords)
    author = entity(crate, f"{project.repository}#authors", "Organization", name=project.by)
    papers = {one["URL"]: entity(crate, one["URL"], "ScholarlyArticle", name=one["title"]) for one in
              (BEYOND_SCALEUP, MODULARITY)}  # fmt: skip
    crate.root_dataset["version"], crate.root_dataset["author"] = project.version, author
    crate.root_dataset["isBasedOn"] = list(papers.values())
    for sidecar in shown_artifacts():
        add_artifact(crate, sidecar, f"{project.repository}/blob/main", papers[paper_of(sidecar["id"])["URL"]])
    text = json.dumps(crate.metadata.generate(), indent=1, ensure_ascii=False)
    write_text_atomically(site / NAME, text + "\n")


def add_artifact(crate: ROCrate, sidecar: Mapping[str, Any], source: str, paper: ContextEntity) -> None:
    """Add one figure or table: its files, and the act that made them out of records by a notebook."""
    name = sidecar["id"]
    files = [
        crate.add_file(
            dest_path=f"artifacts/{name}/{file}",
            properties={
                "name": f"{sidecar['title']} ({name})",
                "encodingFormat": KINDS[file.rpartition(".")[2]],
                "sha256": digest,
                "isBasedOn": paper,
            },
        )
        for file, digest in sidecar["files"].items()
    ]
    act = {
        "name": sidecar["command"],
        "object": [record(crate, one, source) for one in sidecar["records"]],
        "result": files,
    }
    if sidecar["notebook"]:
        path = f"{source}/notebooks/{sidecar['notebook']}.py"
        act["instrument"] = entity(crate, path, "SoftwareSourceCode", name=sidecar["notebook"])
    made = entity(crate, f"#make-{name}", "CreateAction", **act)
    crate.root_dataset.append_to("mentions", made)


def record(crate: ROCrate, one: Mapping[str, Any], source: str) -> ContextEntity:
    """Return a run of the archive; one that was made with the book has no address, only its fingerprint."""
    place = f"{source}/{one['path']}" if is_archived(one) else f"#{one['name']}-{one['fingerprint']}"
    return entity(crate, place, "CreativeWork", name=one["name"], identifier=one["fingerprint"], version=one["state"])


def entity(crate: ROCrate, address: str, kind: str, /, **properties: Any) -> ContextEntity:
    """Return the entity of this address, which is added the first time."""
    from rocrate.model.contextentity import ContextEntity

    found = crate.get(address)
    return found or crate.add(ContextEntity(crate, address, properties={"@type": kind, **properties}))
