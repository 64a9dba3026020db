"""Text to chunks with symbols, and what changed between two chunk lists.

Pure: no IO, no clock, no model. Importing it loads no grammar; the first parsed file of a language does.
"""

from cognate.chunking.diff import kept_chunks
from cognate.chunking.files import Parsed, chunk_edited, chunk_file
from cognate.chunking.notebooks import source_bytes
from cognate.chunking.text import decode

__all__ = ["Parsed", "chunk_edited", "chunk_file", "decode", "kept_chunks", "source_bytes"]
