import codecs

import pytest

from cognate.chunking import decode


def check(data: bytes, expected: str | None) -> None:
    assert decode(data) == expected


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
    ],
)
def test_unicode_is_read_by_its_byte_order_mark(mark: bytes, encoding: str):
    check(mark + "größe = '日本'\r\n".encode(encoding), "größe = '日本'\r\n")


def test_what_is_no_utf8_is_read_in_an_older_encoding():
    check("# größe\n".encode("latin-1"), "# größe\n")


def test_binary_data_is_no_text():
    check(b"\x7fELF\x00\x01", None)
    check(bytes(range(1, 32)) + b"\xff\xfe\xfd" * 10, None)


def test_an_empty_file_is_text():
    check(b"", "")


def test_a_truncated_utf16_file_is_still_text():
    check(codecs.BOM_UTF16_LE + "ab".encode("utf-16-le") + b"c", "ab\ufffd")
