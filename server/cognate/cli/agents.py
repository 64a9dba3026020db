"""``agents``: writes Cognate's entry into the configuration of coding agents, takes it out again, shows where it is."""

import argparse
import importlib.util
import os
from collections.abc import Sequence, Set
from pathlib import Path

from cognate.cli import output
from cognate.cli.exit_codes import ERROR, FOUND, NOTHING_FOUND
from cognate.mcp import agents as registry
from cognate.mcp.agents import Outcome, Surroundings, chosen, own_command

WIDTH = 12


def install(options: argparse.Namespace) -> int:
    """Add the entry for every agent that is found, or for those that are named."""
    command = own_command()
    if importlib.util.find_spec("mcp") is None:
        output.write_note("agents also need a package more: in a checkout of Cognate, pip install '.[mcp]'")
    done = registry.install(
        chosen(options.only), _surroundings(), command, named=bool(options.only), dry_run=options.dry_run
    )
    return _show(options, done, {"added", "updated", "unchanged"})


def uninstall(options: argparse.Namespace) -> int:
    """Remove the entry."""
    done = registry.uninstall(chosen(options.only), _surroundings(), dry_run=options.dry_run)
    return _show(options, done, {"removed"})


def list_(options: argparse.Namespace) -> int:
    """Show which agents there are and which have the entry."""
    around = _surroundings()
    found = registry.listed(chosen(options.only), around)
    for outcome in found:
        agent = outcome.agent
        there = agent.is_installed(around)
        if options.json:
            output.write_json({**_fields(outcome), "found": there, "docs": agent.docs})
        else:
            output.write_line(
                f"{agent.name:{WIDTH}} {'found' if there else 'not found':10} {outcome.action:14} {outcome.file}"
            )
            if outcome.action == "refused":
                output.write_note(outcome.detail)
    return FOUND if any(outcome.action == "installed" for outcome in found) else NOTHING_FOUND


def _surroundings() -> Surroundings:
    return Surroundings(Path.home(), os.environ)


def _show(options: argparse.Namespace, outcomes: Sequence[Outcome], wanted: Set[str]) -> int:
    """Show what was done; the exit code says whether any agent is as it was wanted."""
    for outcome in outcomes:
        if options.json:
            output.write_json(_fields(outcome))
            continue
        would = "would be " if options.dry_run and outcome.action in {"added", "updated", "removed"} else ""
        output.write_line(f"{outcome.agent.name:{WIDTH}} {would}{outcome.action}  {outcome.file}")
        if outcome.detail:
            output.write_line(f"{'':{WIDTH}} {outcome.detail}")
        if outcome.backup is not None:
            output.write_line(f"{'':{WIDTH}} the file as it was: {outcome.backup}")
    if any(outcome.action == "refused" for outcome in outcomes):
        return ERROR
    return FOUND if any(outcome.action in wanted for outcome in outcomes) else NOTHING_FOUND


def _fields(outcome: Outcome) -> dict[str, object]:
    return {
        "agent": outcome.agent.name,
        "file": str(outcome.file),
        "action": outcome.action,
        "detail": outcome.detail,
        "backup": str(outcome.backup) if outcome.backup else None,
    }
