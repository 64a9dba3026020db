"""semble from PyPI, with a static model made from the shipped one in place of its own, which is not on a registry.

semble runs in a process of its own, so that it neither shares our libraries' settings nor writes into the user's cache.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from baselines.common import Answers
from baselines.static_model import make_static_model


def answers(folder: Path, queries: Sequence[str], limit: int, model: Path | None = None) -> Answers:
    """Return semble's answers, with its defaults but for the model.

    Raises:
        SystemExit: when semble fails.
    """
    model = model or _shipped_as_static()
    with tempfile.TemporaryDirectory() as scratch:
        request = {"folder": str(folder), "queries": list(queries), "limit": limit, "model": str(model)}
        environment = os.environ | {"XDG_CACHE_HOME": scratch, "HF_HUB_OFFLINE": "1"}
        call = [sys.executable, str(Path(__file__).with_name("semble_process.py"))]
        done = subprocess.run(call, input=json.dumps(request), capture_output=True, text=True, env=environment,
                              cwd=scratch, check=False)  # fmt: skip
    if done.returncode:
        raise SystemExit(f"semble failed:\n{done.stderr[-2000:]}")
    found = json.loads(done.stdout.splitlines()[-1])
    return Answers(found["results"], found["prepare_s"], found["search_s"])


def _shipped_as_static() -> Path:
    """Return the folder of the static model, made once a machine and model2vec layout."""
    root = Path(os.environ.get("COGNATE_CACHE_DIR", tempfile.gettempdir())) / "static-model"
    if not (root / "config.json").exists():
        began = time.perf_counter()
        make_static_model(root)
        sys.stderr.write(f"static model made in {time.perf_counter() - began:.0f} s\n")
    return root
