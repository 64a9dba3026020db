#!/usr/bin/env python3
"""Writes docs/settings.md from the declarations in cognate.settings. Usage: generate.py; a test finds drift."""

import json
from pathlib import Path

from cognate.settings import camel_case, declarations

SETTINGS = Path(__file__).with_name("settings.md")


def settings_page() -> str:
    """Return the text of docs/settings.md."""
    rows = [
        "# Settings",
        "",
        "Clients send these under the section `cognate`, as camelCase names or nested objects",
        '(`"hover": {"minScore": 0.7}` is `hoverMinScore`).',
        "A value that cannot be used is reported and its default counts.",
        "",
        "| setting | default | range | what it does |",
        "|---|---|---|---|",
    ]
    for name, (declaration, default) in declarations().items():
        shown = json.dumps(default)
        limits = "" if declaration.minimum is None else f"{declaration.minimum:g} to {declaration.maximum:g}"
        limits = limits or ", ".join(f"`{choice}`" for choice in declaration.choices)
        rows.append(f"| `{camel_case(name)}` | `{shown}` | {limits} | {declaration.help} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    SETTINGS.write_text(settings_page(), encoding="utf-8")
