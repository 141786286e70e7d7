"""`parsimony list` and `parsimony run`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Annotated, Any

import typer
from rich.markup import escape

from parsimony.cli.screen import Bars, UnknownName, coloured, print_json, screen, table
from parsimony.records import PROFILES, Specification


def list_experiments(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List artifacts and experiments: fresh, stale (and why) or missing, and what a run takes."""
    from parsimony.cli.artifacts import artifact_states
    from parsimony.experiments.archive import states

    experiments, artifacts = states(), artifact_states()
    if as_json:
        print_json({"artifacts": artifacts, "experiments": [_experiment(one) for one in experiments]})
        return
    shown = table("Artifacts", "id", "state", ">records", "title")
    for one in artifacts:
        shown.add_row(one["id"], coloured(one["state"]), str(len(one["records"])), escape(one["title"]))
    screen().print(shown)
    shown = table("Experiments", "name", "state", ">minutes", "why")
    for one in experiments:
        expected = expected_minutes(one.specification)
        minutes = "" if expected is None else f"{expected:,.3g}" if expected < 1000 else f"{expected:,.0f}"
        shown.add_row(one.specification.name, coloured(one.state), minutes, escape(one.reason))
    screen().print(shown)


def expected_minutes(asked: Specification) -> float | None:
    """Return the minutes that the catalogue expects of a run, if it lists it."""
    from parsimony.experiments.catalogue import EXPECTED

    return EXPECTED[asked.name].minutes if asked.name in EXPECTED else None


def _experiment(one: Any) -> dict[str, Any]:
    asked = one.specification
    content = {"name": asked.name, "method": asked.method, "dataset": asked.dataset, "profile": asked.profile}
    return {**content, "state": one.state, **({"reason": one.reason} if one.reason else {})}


def run_experiments(
    pattern: Annotated[str, typer.Argument(help="Name, part of a name, or pattern such as 'UMLS/*'.")],
    profile: Annotated[str | None, typer.Option(help="quick (unless the name is exact) or paper.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="This seed, in the catalogue or not.")] = None,
    device: Annotated[str, typer.Option(help="cpu, or an accelerator such as cuda.")] = "cpu",
    workers: Annotated[int, typer.Option(min=1, help="Runs side by side; they share the cores.")] = 2,
    force: Annotated[bool, typer.Option("--force", help="Run even what is fresh.")] = False,
) -> None:
    """Carry out runs; what was interrupted goes on, what is fresh is left alone."""
    from parsimony.experiments.driver import is_fresh

    chosen = choose(pattern, profile, seed)
    fresh = [] if force else [one for one in chosen if is_fresh(one)]
    for one in fresh:
        screen().print(f"[dim]fresh[/]  {one.name}", highlight=False)
    due = longest_first(possible([one for one in chosen if one not in fresh], pattern))
    if due:
        _carry_out(due, workers, device, force)
    else:
        screen().print("Nothing to run; --force runs again what is fresh.")


def choose(pattern: str, profile: str | None, seed: int | None) -> list[Specification]:
    """Return the specifications whose names match, in the order of the catalogue.

    Raises:
        UnknownName: if nothing matches.
        ValueError: if the profile is not known, or only the other profile matches.
    """
    from parsimony.experiments.catalogue import SPECIFICATIONS

    if profile not in (None, *PROFILES):
        raise UnknownName("profile", str(profile), PROFILES)
    exact = [one for one in SPECIFICATIONS if one.name == pattern]
    matching = exact or [one for one in SPECIFICATIONS if matches(one.name, pattern)]
    if not matching:
        raise UnknownName("experiment", pattern, _names_to_offer(SPECIFICATIONS))
    wanted = profile or (exact[0].profile if exact else "quick")
    chosen = [one for one in matching if one.profile == wanted]
    if not chosen:
        raise ValueError(
            f"{len(matching)} experiments match {pattern!r}, none of them in the {wanted} profile; "
            f"add --profile {matching[0].profile} to run them."
        )
    return chosen if seed is None else with_seed(chosen, seed)


def matches(name: str, pattern: str) -> bool:
    """Tell whether a name matches a pattern with wildcards, or contains it; letter case does not count."""
    name, pattern = name.lower(), pattern.lower()
    return fnmatchcase(name, pattern) or pattern in name


def with_seed(specifications: Sequence[Specification], seed: int) -> list[Specification]:
    """Return each identity once, with `seed`."""
    return list({one.identity: replace(one, seed=seed) for one in specifications}.values())


def _names_to_offer(specifications: Sequence[Specification]) -> list[str]:
    """Return data sets, methods and identities, each once: what a pattern can name."""
    names = [getattr(one, part) for part in ("dataset", "method", "identity") for one in specifications]
    return list(dict.fromkeys(names))


def possible(specifications: Sequence[Specification], pattern: str) -> list[Specification]:
    """Leave out runs of a package that is not installed here, and say so; one asked by its name says so itself."""
    from parsimony.experiments.tasks import lacking

    left_out = {one.name: package for one in specifications if one.name != pattern and (package := lacking(one))}
    for name, package in left_out.items():
        screen().print(f"[yellow]left out[/]  {name}: {package} is not installed", highlight=False)
    return [one for one in specifications if one.name not in left_out]


def longest_first(specifications: Sequence[Specification]) -> list[Specification]:
    """Sort by expected minutes, the longest first, so that no worker waits long for the last run."""
    return sorted(specifications, key=lambda one: -(expected_minutes(one) or 0.0))


def _carry_out(due: Sequence[Specification], workers: int, device: str, force: bool) -> None:
    """Run with progress bars; leave with status 1 if a run failed, 130 if somebody interrupted."""
    from parsimony.experiments.driver import run_many

    board = Bars(screen(), len(due))
    try:
        with board.bars:
            finished = run_many(due, workers=min(workers, len(due)), device=device, board=board, force=force)
    except KeyboardInterrupt:
        screen().print(
            "\n[yellow]Interrupted.[/] Finished runs are filed and the others keep their checkpoints: "
            "give the same command again to go on.",
            soft_wrap=True,
        )
        raise typer.Exit(130) from None
    failed = [one for one in finished if one.error]
    for one in failed:
        line = f"[red]{one.specification.name}[/] failed; its log: {one.log}"
        screen().print(line, highlight=False, soft_wrap=True)
    screen().print(f"{len(finished) - len(failed)} of {len(due)} runs filed.", highlight=False)
    if failed:
        raise typer.Exit(1)
