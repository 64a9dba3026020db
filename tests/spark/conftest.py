"""Spark jobs on a real session of ``local[2]``; only when asked for, by ``make spark``: pyspark is large."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from editors.debian import program

HERE = Path(__file__).parent


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave this folder out unless it, or something in it, was named on the command line."""
    named = (Path(config.invocation_params.dir, argument.partition("::")[0]).resolve() for argument in config.args)
    return None if any(path.is_relative_to(HERE) for path in named) else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let Spark's libraries warn: it is theirs to mend."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.filterwarnings("default"))


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """One session for all tests: to start it takes longer than most of them.

    Java comes out of Debian's packages. Its second compiler is left out, as it takes longer than it saves in a minute.
    """
    from cognate.spark import embed, rank
    from cognate.spark.session import session

    os.environ["PATH"] = f"{program('java').parent}{os.pathsep}{os.environ['PATH']}"
    os.environ.pop("JAVA_HOME", None)
    os.environ["JAVA_TOOL_OPTIONS"] = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    with session("tests", "local[2]", {**embed.SQL_SETTINGS, **rank.SQL_SETTINGS}) as started:
        yield started
