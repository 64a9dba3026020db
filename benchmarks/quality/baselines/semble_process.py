"""The process that semble runs in: a JSON request on stdin, a JSON answer on stdout. Imports nothing of ours."""

import json
import sys
import time

from semble import SembleIndex


def main() -> None:
    """Index the folder and answer each query."""
    request = json.load(sys.stdin)
    began = time.perf_counter()
    index = SembleIndex.from_path(request["folder"], model_path=request["model"])
    indexed = time.perf_counter()
    results = [
        [
            {"path": found.chunk.file_path.replace("\\", "/"), "start_line": found.chunk.start_line,
             "end_line": found.chunk.end_line}
            for found in index.search(query, top_k=request["limit"])
        ]
        for query in request["queries"]
    ]  # fmt: skip
    ended = time.perf_counter()
    print(json.dumps({"results": results, "prepare_s": indexed - began, "search_s": ended - indexed}))


if __name__ == "__main__":
    main()
