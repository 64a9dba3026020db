"""What a run-time install holds and how fast it starts to answer."""

import ast
import re
import subprocess
import sys
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
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


def test_only_the_extra_that_is_named_after_it_asks_for_what_a_compiler_makes():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    asked = {"": project["dependencies"], **extras}
    assert {name for name, lines in asked.items() if re.search(r"hnswlib|\[.*\bhnsw\b", "\n".join(lines))} == {"hnsw"}


def test_the_wheel_contains_the_package_and_its_model_and_no_tool_chain():
    packed = {file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}
    assert {"cognate/cli/main.py", "cognate/models/all-MiniLM-L6-v2/model.onnx"} <= packed
    assert {Path(path).parts[0] for path in packed} == {"cognate"}
    assert not [path for path in packed if "samples.json" in path or "tools" in Path(path).parts]


def test_no_file_of_the_package_imports_what_only_the_tool_chain_needs():
    for file in (ROOT / "server" / "cognate").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert {name.partition(".")[0] for name in names}.isdisjoint({*HEAVY, "onnx", "tools"}), file


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
