"""Reads the licence of an unpacked package out of its own licence texts. Knows permissive ones; all else is none."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

NAMES = re.compile(r"^(?:licen[sc]e|copying|copyright|unlicense|mit-license|apache-license)", re.IGNORECASE)
NO_CODE = re.compile(r"logo|icons?\b|fonts?\b|docs?\b|documentation|assets", re.IGNORECASE)
"""In the name of a text: it is about something else than the code."""

CODE = frozenset({".c", ".cs", ".ex", ".go", ".groovy", ".h", ".java", ".js", ".json", ".kt", ".php", ".pl", ".py",
                  ".rb", ".rs", ".sh", ".swift", ".ts", ".xml"})  # fmt: skip
"""Endings of files that are about licences and are none."""

FOLDERS = ("", "licenses", "LICENSES", "license")
BEGINNING = 4000
"""Characters of a text that say what it is; further down stand the licences of what is bundled."""

POINTER = 700
"""Characters of the longest text that says where the licences stand, and is none itself."""

PERMISSIVE = (
    ("Apache-2.0", r"apache license,?\s+\(?version 2\.0"),
    ("MIT", r"permission is hereby granted, free of charge, to any person obtaining a copy"),
    ("BSD-3-Clause", r"redistribution and use in source and binary forms.*(?:neither the name|not be used to endorse)"),
    ("BSD-2-Clause", r"redistribution and use in source and binary forms"),
    ("ISC", r"use, copy, modify, and(?:/or)? distribute this software for any purpose with or without fee"),
    ("BSL-1.0", r"boost software license"),
    ("zlib", r"altered source versions must be plainly marked"),
    ("public domain", r"the author disclaims copyright to this source code"),
    ("PSF-2.0", r"python software foundation license"),
    ("Unlicense", r"this is free and unencumbered software released into the public domain"),
    ("CC0-1.0", r"cc0 1\.0 universal"),
    ("PostgreSQL", r"use, copy, modify, and distribute this software and its documentation for any purpose"),
    ("curl", r"permission to use, copy, modify, and distribute this software for any purpose with or"),
    ("libtiff", r"use, copy, modify, distribute, and sell this software and its documentation for any purpose"),
    ("TCL", r"the authors hereby grant permission to use, copy, modify, distribute"),
    ("OLDAP-2.8", r"openldap public license version 2\.8"),
    ("MIT-CMU", r"use, copy, modify,? and distribute this software and its (?:associated )?documentation"),
)  # fmt: skip

_MARKS = re.compile(r"^[\s*#/;>|]+", re.MULTILINE)
"""What stands before each line of a text that is a comment."""

OTHER = re.compile(
    r"general public licen[sc]e|mozilla public licen[sc]e|eclipse public licen[sc]e|business source licen[sc]e"
    r"|server side public licen[sc]e|elastic licen[sc]e|common development and distribution|european union public"
    r"|commons clause|polyform|creative commons attribution|artistic licen[sc]e|\b[al]?gpl\b",
    re.IGNORECASE,
)


def licence_of(folder: Path) -> tuple[str, str]:
    """Return the licences of a package, joined by ``and``, and why it is not used, empty if it is.

    A package is used when each of its own licence texts is known to be permissive.
    """
    texts = list(_texts([folder, *folder.glob("*.dist-info")]))
    if not texts:  # Each part of it has its own.
        texts = list(_texts([*folder.glob("*/"), *folder.glob("*/*/")]))
    if not texts:
        return "", "It has no licence text."
    found: dict[str, None] = {}
    for file, text in texts:
        beginning = " ".join(_MARKS.sub("", text[:BEGINNING]).split()).lower()
        name = next((name for name, pattern in PERMISSIVE if re.search(pattern, beginning)), "")
        is_beside = len(text) < POINTER or file.parent != folder
        if not name and is_beside and not OTHER.search(beginning):
            continue  # It only names the other texts, or is that of a mark.
        other = OTHER.search(beginning[: BEGINNING // 2])
        if not name or (other and name != "CC0-1.0"):
            return "", f"{file.name} is not known to be permissive{f' ({other[0]})' if other else ''}."
        found[name] = None
    return " and ".join(found), "" if found else "It has no licence text."


def _texts(roots: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    for root in sorted(roots):
        for inner in FOLDERS:
            place = root / inner
            if place.is_dir():
                for file in sorted(place.iterdir()):
                    is_named = (NAMES.match(file.name) or inner == "LICENSES") and not NO_CODE.search(file.name)
                    if is_named and file.is_file() and file.suffix not in CODE:
                        yield file, file.read_text("utf-8", "replace")
