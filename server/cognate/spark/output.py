"""Owns the folder that a job writes: a path, or a URI that pyarrow can write to, as of HDFS, S3 or GCS."""

import os
from dataclasses import dataclass
from typing import Any

from cognate.spark.session import SparkError, library

LOCAL = "file://"


@dataclass(frozen=True, slots=True)
class Output:
    """A folder by its path or URI; cheap to send to a worker, which opens it there.

    Attributes:
        uri: with a scheme; what stands after ``file://`` is a path as it is, without escapes.
    """

    uri: str

    @staticmethod
    def of(place: str) -> "Output":
        """Return the folder that a command names."""
        return Output(uri_of(place))

    def read(self, name: str, size: int | None = None) -> bytes | None:
        """Return a file, or its first bytes; None when there is none.

        Raises:
            SparkError: when the folder cannot be read.
        """
        try:
            system, path = self._opened()
            if system.get_file_info(f"{path}/{name}").type.name == "NotFound":
                return None
            with system.open_input_file(f"{path}/{name}") as file:
                return bytes(file.read(size) if size is not None else file.read())
        except (OSError, ValueError) as error:
            raise SparkError(f"{name} in {self.uri} cannot be read ({error}).") from error

    def size(self, name: str) -> int | None:
        """Return the size of a file; None when there is none.

        Raises:
            SparkError: when the folder cannot be read.
        """
        try:
            system, path = self._opened()
            size = system.get_file_info(f"{path}/{name}").size
            return None if size is None else int(size)
        except (OSError, ValueError) as error:
            raise SparkError(f"{name} in {self.uri} cannot be read ({error}).") from error

    def write(self, name: str, data: bytes) -> None:
        """Write a file so that a reader finds all of it or none, whoever writes the same one meanwhile.

        Raises:
            SparkError: when the folder cannot be written.
        """
        try:
            system, path = self._opened()
            system.create_dir(path, recursive=True)
            scratch = f"{path}/.{name}.{os.urandom(6).hex()}"
            with system.open_output_stream(scratch) as file:
                file.write(data)
            system.move(scratch, f"{path}/{name}")
        except (OSError, ValueError) as error:
            raise SparkError(f"{name} cannot be written to {self.uri} ({error}).") from error

    def _opened(self) -> tuple[Any, str]:
        filesystems = library("pyarrow.fs")
        if self.uri.startswith(LOCAL):
            return filesystems.LocalFileSystem(), self.uri.removeprefix(LOCAL)
        return filesystems.FileSystem.from_uri(self.uri.rstrip("/"))


def uri_of(place: str) -> str:
    """Return a path or URI as a URI: on a cluster, Spark would take a path for one of its own file system."""
    return place if "://" in place else LOCAL + os.path.abspath(place)  # noqa: PTH100 - it is no path yet
