"""Owns the session of a job: where it runs, and what its workers are told. One a process; the driver's main thread."""

import importlib
import os
import re
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from cognate.errors import CognateError

MISSING = "Spark jobs need pyspark, pandas and pyarrow: in a checkout of Cognate, pip install '.[spark]' (it says: {})."

TRIES = 4
"""How often a task is tried. A cluster has a setting for it; ``local[2]`` would give up with the first that dies."""

LOCAL_MEMORY = "4g"
"""Of the one process that is driver and executor on a single machine; Spark's own 1 GB is too little for a graph."""

CHECKPOINT_EVERY = 10

_LOCAL = re.compile(r"local(?:\[(\*|\d+)\])?")


class SparkError(CognateError):
    """Spark is not there, or a job failed; the message says why."""


def library(name: str) -> Any:
    """Return a module of the extra ``spark``.

    Raises:
        SparkError: when it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise SparkError(MISSING.format(error)) from error


@contextmanager
def session(name: str, master: str, settings: Mapping[str, str]) -> Generator[Any]:
    """Yield a session; it is stopped afterwards.

    Args:
        name: of the job, as Spark shows it.
        master: where it runs; empty for what spark-submit says, or else all cores of this machine.
        settings: of Spark SQL, by their names.

    Raises:
        SparkError: when Spark cannot start.
    """
    sql = library("pyspark.sql")
    library("pandas")
    library("pyarrow")
    builder = sql.SparkSession.builder.appName(name).config("spark.ui.showConsoleProgress", "false")
    # Each of some hundred steps over a graph would send all steps before it along with its tasks.
    builder = builder.config("spark.graphx.pregel.checkpointInterval", CHECKPOINT_EVERY)
    is_submitted = "PYSPARK_GATEWAY_PORT" in os.environ
    where = master or ("" if is_submitted else "local[*]")
    if where:
        builder = builder.master(repeating(where))
    if not is_submitted and _LOCAL.fullmatch(where):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        builder = builder.config("spark.driver.memory", os.environ.get("SPARK_DRIVER_MEMORY", LOCAL_MEMORY))
        builder = builder.config("spark.ui.enabled", "false")
    try:
        spark = builder.getOrCreate()
    except Exception as error:  # What Java says when it is not there, too old or refused has many types.
        raise SparkError(f"Spark does not start: {first_line(error)} It needs Java 17 or newer.") from error
    try:
        spark.sparkContext.setLogLevel("ERROR")
        if spark.sparkContext.master.startswith("local"):  # Spark's own 200 parts are meant for a cluster.
            spark.conf.set("spark.sql.shuffle.partitions", 2 * spark.sparkContext.defaultParallelism)
        for key, value in settings.items():
            spark.conf.set(key, value)
        yield spark
    finally:
        spark.stop()


def repeating(master: str) -> str:
    """Return a master under which a task that dies is tried again, as it is on a cluster."""
    local = _LOCAL.fullmatch(master)
    return f"local[{local[1] or 1},{TRIES}]" if local else master


def lines_of(error: BaseException) -> list[str]:
    """Return what an error says, line by line, without empty ones."""
    return [line.strip() for line in str(error).splitlines() if line.strip()]


def first_line(error: BaseException) -> str:
    """Return what an error of Spark says, without Java's trace."""
    lines = lines_of(error)
    return (lines[0] if lines else type(error).__name__)[:300].rstrip(".") + "."
