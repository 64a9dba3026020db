"""Bytes to text. Pure; says what a text file is and never opens one."""

import codecs

SNIFFED = 8192  # As git does: a NUL among the first bytes means that the file is no text.
CONTROL_SHARE = 0.1  # Text in an old encoding has hardly any control characters; compressed data has about 10 in 100.

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\b\x1b")) + b"\x7f"


def decode(data: bytes) -> str | None:
    """Decode a file: by its byte order mark, else UTF-8, else Latin-1; None when it is binary.

    The byte order mark is left out.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    head = data[:SNIFFED]
    if b"\0" in head:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        controls = len(head) - len(head.translate(None, _CONTROLS))
        return None if controls > len(head) * CONTROL_SHARE else data.decode("latin-1")
