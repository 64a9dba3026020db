import pytest

from cognate.languages.registry import language_of


def check(path: str, expected: str | None, first_line: str = "") -> None:
    assert language_of(path, first_line) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/a.py", "python"),
        ("src/a.pyi", "python"),
        ("A.JS", "javascript"),
        ("a.jsx", "javascript"),
        ("a.d.ts", "typescript"),
        ("a.tsx", "tsx"),
        ("a.h", "c"),
        ("a.hpp", "cpp"),
        ("a.cs", "csharp"),
        ("dir\\a.kt", "kotlin"),
        ("Dockerfile", "dockerfile"),
        ("docker/Dockerfile.dev", "dockerfile"),
        ("Makefile", "make"),
        ("CMakeLists.txt", "cmake"),
        ("main.tf", "terraform"),
        ("build.gradle", "groovy"),
        (".vimrc", "vim"),
        ("a.cr", "crystal"),
        ("justfile", "just"),
        ("notes.txt", None),
        ("a.ipynb", "notebook"),
        ("README.md", "markdown"),
        ("LICENSE", None),
        (".py", "python"),
        ("", None),
    ],
)
def test_the_name_tells_the_language(path: str, expected: str | None):
    check(path, expected)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("#!/bin/sh", "bash"),
        ("#!/usr/bin/env python3.11", "python"),
        ("#!/usr/bin/env -S node --no-warnings", "javascript"),
        ("#! /usr/bin/ruby -w", "ruby"),
        ("#!/usr/bin/awk -f", "awk"),
        ("#!/usr/bin/env pwsh", "powershell"),
        ("#!/usr/bin/unknown", None),
        ("# no interpreter", None),
        ("#!/usr/bin/env -S uv run --quiet python3", "python"),
        ("#!/usr/bin/env -S uv run --script", "python"),
        ("#!/usr/bin/env -S npx tsx", "typescript"),
        ("#!/usr/bin/env -S NODE_OPTIONS=-x yarn exec ts-node", "typescript"),
        ("#!/usr/bin/env -S deno run --allow-net", "typescript"),
        ("#!/bin/busybox sh", "bash"),
        ("#!/usr/bin/env nix-shell\n#! nix-shell -i python3.11 -p jq", "python"),
        ("#!/usr/bin/sudo -E /usr/bin/perl5.36 -w", "perl"),
        ("#!/usr/bin/unknown python", None),
    ],
)
def test_the_first_line_tells_the_language_of_a_script(line: str, expected: str | None):
    check("bin/tool", expected, line)
