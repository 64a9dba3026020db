"""Expected failures, each with a message fit to show a user: what is wrong and what to do next.

Everything here derives from CognateError; any other exception is a bug.
"""


class CognateError(Exception):
    """Base of every failure that is expected and explained."""


class InvalidRequestError(CognateError):
    """A request's parameters do not make sense."""


class ModelError(CognateError):
    """An embedding model cannot be found, read or used."""


class MountError(CognateError):
    """Vectors that were mounted are not what they should be; they are left out, or all of their mount is."""


class StoreError(CognateError):
    """The index on disk cannot be opened or written."""


class DamagedStoreError(StoreError):
    """What is on disk is not what was written; it is thrown away and made anew."""


class MemoryLimitError(CognateError):
    """Indexing holds, as the process has reached the memory that the settings allow."""


class WorkspaceError(CognateError):
    """A folder or file cannot be read, or does not belong to the workspace."""


class EndpointError(CognateError):
    """A chat model's endpoint cannot be asked, or its reply cannot be used."""


class CancelledError(CognateError):
    """The work was cancelled before it ended; nothing was changed."""


class DamagedLexicalError(StoreError):
    """The lexical index on disk cannot be read; it is made anew from the store."""
