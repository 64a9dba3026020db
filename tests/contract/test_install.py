"""What a run-time install holds and how fast it starts to answer."""

import subprocess
import sys

HEAVY = ("torch", "transformers", "scipy", "sentence_transformers")


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def test_nothing_a_run_needs_asks_for_torch_transformers_or_scipy():
    needed = run(
        """
import importlib.metadata as md, re
seen, queue = set(), ["cognate"]
while queue:
    name = queue.pop()
    for line in md.requires(name) or []:
        if "extra ==" in line:
            continue
        inner = re.match(r"[A-Za-z0-9._-]+", line).group(0).lower().replace("_", "-")
        if inner not in seen:
            seen.add(inner)
            try:
                md.distribution(inner)
            except md.PackageNotFoundError:
                continue
            queue.append(inner)
print(" ".join(sorted(seen)))
"""
    ).split()
    assert "onnxruntime" in needed
    assert not set(needed) & {"torch", "transformers", "scipy", "sentence-transformers"}


def test_a_search_never_imports_torch_transformers_or_scipy(tmp_path):
    (tmp_path / "a.py").write_text("def alpha(): ...\n")
    code = (
        f"import sys; from cognate.cli.main import main; main(['search', 'alpha', {str(tmp_path)!r}, '--json']); "
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    assert run(code).splitlines()[-1] == "[]"


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from cognate.cli.main import build_parser; build_parser().format_help(); "
        "print([m for m in ('numpy', 'onnxruntime', 'tree_sitter', 'tantivy', 'pygls', 'rich') if m in sys.modules])"
    )
    assert run(code) == "[]"
