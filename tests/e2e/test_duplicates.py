"""What is written twice: the command, and the hint at a new function in an editor."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from e2e.client import SERVER_PATH, Client

NEW_FUNCTION = '''

def try_several_times(task, rounds=4, pause=0.2):
    """Run a task again after a failure, pausing twice as long each time."""
    for number in range(rounds):
        try:
            return task()
        except ConnectionError:
            time.sleep(pause * 2**number)
    raise TimeoutError("gave up")
'''


def test_a_new_function_that_looks_like_another_gets_a_hint(launch: Callable[..., Client], project: Path) -> None:
    client = launch(project, settings={"duplicateHints": True})
    client.wait_until_ready()
    text = "import time\n"
    uri = (project / "src/patience.py").as_uri()
    client.open(uri, text)
    edit = {"range": {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 0}}, "text": NEW_FUNCTION}
    client.notify("textDocument/didChange", {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [edit]})

    def has_hint(params: Any) -> bool:
        return bool(params["diagnostics"])

    published = client.wait_for("textDocument/publishDiagnostics", has_hint)
    assert published["uri"] == uri
    (hint,) = published["diagnostics"]
    assert hint["message"] == "Looks like src/retry.py: call_with_backoff"
    assert (hint["severity"], hint["source"]) == (4, "cognate")
    assert hint["range"]["start"] == {"line": 3, "character": 4}
    client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    client.wait_for("textDocument/publishDiagnostics", lambda params: not params["diagnostics"])
    client.shut_down()


def test_the_command_lists_what_is_written_twice(project: Path, tmp_path: Path) -> None:
    (project / "src/patience.py").write_text(f"import time\n{NEW_FUNCTION}", encoding="utf-8")
    command = [sys.executable, "-m", "cognate.cli", "duplicates", str(project), "--json"]
    environment = {"PYTHONPATH": str(SERVER_PATH), "COGNATE_CACHE_DIR": str(tmp_path / "cache"), "PATH": ""}
    done = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    clusters = [json.loads(line) for line in done.stdout.splitlines()]
    members = {member["path"] for cluster in clusters for member in cluster["members"]}
    assert {"src/patience.py", "src/retry.py"} <= members
    assert "src/settings.py" not in members
