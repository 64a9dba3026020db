#!/usr/bin/env python3
"""Says in which functions the time of a query goes, in a folder that is indexed.

    python -m tools.profile "where are retries counted" [FOLDER]

The query is asked once before, so that what is read once is not counted. The trace (CONTRIBUTING.md) says which stage
is slow, this says which function of it; times are of the processor, with the cost of measuring in them.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # As in `cognate` itself; read when numpy loads.

import argparse
import cProfile
import pstats
import sys
import time
from pathlib import Path

from cognate.cancellation import CancelToken
from cognate.engine import open_engine
from cognate.indexing.services import Services
from cognate.search.request import SearchRequest
from cognate.settings import Settings

SHOWN = 25


def main(arguments: list[str]) -> int:
    """Print the profile of one query."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("query")
    parser.add_argument("folder", type=Path, nargs="?", default=Path())
    options = parser.parse_args(arguments)
    services = Services()
    engine = open_engine(options.folder, Settings(), services)
    try:
        engine.start()
        engine.wait_until_current()
        request = SearchRequest(options.query)
        engine.search(request, CancelToken())
        profile = cProfile.Profile(time.process_time)
        profile.runcall(engine.search, request, CancelToken())
    finally:
        engine.close()
        services.close()
    pstats.Stats(profile).strip_dirs().sort_stats("cumulative").print_stats(SHOWN)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
