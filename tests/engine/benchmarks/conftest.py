"""Puts the modules of benchmarks/quality, which are scripts and no package, where tests can import them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks" / "quality"))
