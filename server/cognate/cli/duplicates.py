"""``duplicates``: clusters of definitions that do the same; asks whoever a search asks."""

import argparse

from cognate.cli import output
from cognate.cli.exit_codes import FOUND, NOTHING_FOUND
from cognate.cli.search import asked, scope_of
from cognate.duplicates import Cluster, Member
from cognate.errors import ModelError
from cognate.search.request import DuplicatesRequest
from cognate.types import State

NOTHING = "no definitions were found that do the same"


def duplicates(options: argparse.Namespace) -> int:
    """Show what is written twice."""
    with asked(options, options.path or ".") as index:
        found = index.duplicates(DuplicatesRequest(options.limit, scope_of(options), options.tests))
        if found.index.state is State.LEXICAL_ONLY:
            raise ModelError(
                "Duplicates are found by the embedding model, and it cannot be used; cognate doctor says why."
            )
        if options.json:
            for cluster in found.clusters:
                output.write_json(_fields(cluster))
        else:
            output.write_clusters(found.clusters, prefix=options.path)
            if not found.clusters:
                output.write_note(NOTHING)
        return FOUND if found.clusters else NOTHING_FOUND


def _fields(cluster: Cluster) -> dict[str, object]:
    members = [_member_fields(member) for member in cluster.members]
    return {"likeness": round(cluster.likeness, 4), "members": members}


def _member_fields(member: Member) -> dict[str, object]:
    return {
        **output.place_fields(member.path, member.start_line, member.end_line, member.cell),
        "symbol": member.symbol.name,
        "kind": member.symbol.kind,
        "language": member.language,
    }
