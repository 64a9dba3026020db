#!/usr/bin/env python3
"""Writes what is declared in the server into package.json, package.nls.json, docs/vscode.md and generated/protocol.ts.

These are the settings, the tool for agents of the editor, and the types of Cognate's own part of the protocol. Usage:
generate.py; a test finds drift. All else in the first three files is written by hand.
"""

import asyncio
import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

from cognate.lsp import protocol
from cognate.lsp.server import READS
from cognate.mcp.server import agent_server
from cognate.settings import Declaration, camel_case, declarations

CLIENT = Path(__file__).parent
MANIFEST = CLIENT / "package.json"
TEXTS = CLIENT / "package.nls.json"
GUIDE = CLIENT.parent / "docs" / "vscode.md"
PROTOCOL = CLIENT / "generated" / "protocol.ts"

STANDARD = ("Location", "Position", "Range", "TextDocumentIdentifier")
"""Types of the protocol's standard part that ours is made of."""

BEGIN, END = "<!-- settings begin -->\n", "<!-- settings end -->"

OWN_SETTINGS = ("server.path", "python")
"""What only the extension reads; both name programs, so an untrusted folder must not set them."""

OWN_CHOICES = {
    "rephrase": ("application", "ask", ("off", "ask", "auto")),
    "trace.server": ("window", "off", ("off", "messages", "verbose")),
}
"""Read by the extension alone, too: scope, default and values of each.

Only a person, never a folder, says that questions may be sent by themselves.
"""


def manifest(text: str) -> str:
    """Return package.json with the settings as they are declared, and the tool for agents."""
    content = json.loads(text)
    properties = {f"cognate.{name}": _program(name) for name in OWN_SETTINGS}
    restricted = list(properties)
    for name, (declaration, default) in declarations().items():
        key = f"cognate.{camel_case(name)}"
        properties[key] = _property(camel_case(name), declaration, default)
        if declaration.sensitive:
            restricted.append(key)
    content["contributes"]["configuration"]["properties"] = properties | _choices()
    content["contributes"]["languageModelTools"] = [search_tool()]
    content["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"] = restricted
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def search_tool() -> dict[str, Any]:
    """Return the tool that agents of the editor find: ``search_code`` of the agents' server, of the usual length."""
    server = agent_server(cast("Any", None))  # No question is asked, so there is no engine.
    with ThreadPoolExecutor(1) as thread:  # The caller's may run an event loop already.
        served = thread.submit(asyncio.run, server.list_tools()).result()
    (tool,) = (tool for tool in served if tool.name == "search_code")
    properties = {name: schema for name, schema in tool.input_schema["properties"].items() if name != "max_tokens"}
    return {
        "name": "cognate_searchCode",
        "toolReferenceName": "codeByMeaning",
        "displayName": "%tool.searchCode%",
        "userDescription": "%tool.searchCode.description%",
        "modelDescription": tool.description,
        "canBeReferencedInPrompt": True,
        "icon": "$(search)",
        "inputSchema": tool.input_schema | {"properties": properties},
    }


def texts(text: str) -> str:
    """Return package.nls.json with the help of each setting."""
    own = {f"setting.{name}" for name in (*OWN_SETTINGS, *OWN_CHOICES)}
    kept = {key: value for key, value in json.loads(text).items() if not key.startswith("setting.") or key in own}
    declared = {f"setting.{camel_case(name)}": declaration.help for name, (declaration, _) in declarations().items()}
    return json.dumps(kept | declared, indent=2, ensure_ascii=False) + "\n"


def guide(text: str, manifest_text: str, nls: str) -> str:
    """Return docs/vscode.md with a table of all settings."""
    properties: Mapping[str, Any] = json.loads(manifest_text)["contributes"]["configuration"]["properties"]
    helps = json.loads(nls)
    rows = ["| setting | default | what it does |", "|---|---|---|"]
    for key, declared in properties.items():
        rows.append(f"| `{key}` | `{json.dumps(declared['default'])}` | {helps[declared['description'].strip('%')]} |")
    before, rest = text.split(BEGIN, 1)
    return before + BEGIN + "\n".join(rows) + "\n" + END + rest.split(END, 1)[1]


class ProtocolTypes:
    """The protocol in TypeScript: an interface for each dataclass that a request reaches, and each request."""

    def __init__(self) -> None:
        self._interfaces: dict[str, str] = {}

    def text(self) -> str:
        """Return the whole file."""
        requests: list[str] = []
        for method, (params, handler) in READS.items():
            if method.startswith("cognate/"):
                result = typing.get_type_hints(handler)["return"]
                requests.append(f"  '{method}': [{self._type(params)}, {self._type(result)}];\n")
        names = {name: value for name, value in vars(protocol).items() if name.startswith(("COMMAND_", "DID_"))}
        return "\n".join(
            [
                "// Cognate's own part of the protocol, written by generate.py; docs/protocol.md says what it means.\n",
                f"import type {{ {', '.join(STANDARD)} }} from 'vscode-languageclient';\n",
                *self._interfaces.values(),
                "/** Each request's params and result. */",
                f"export interface Requests {{\n{''.join(requests)}}}\n",
                *(f"export const {name} = '{value}';" for name, value in names.items()),
                "",
            ]
        )

    def _type(self, declared: Any) -> str:
        """Return how TypeScript writes a type; a dataclass becomes an interface of the file."""
        origin, arguments = typing.get_origin(declared), typing.get_args(declared)
        if declared.__name__ in STANDARD:
            return declared.__name__
        if dataclasses.is_dataclass(declared):
            return self._interface(cast("type", declared))
        if origin is tuple:
            return f"{self._type(arguments[0])}[]"
        if origin is Mapping:
            return f"Record<string, {self._type(arguments[1])}>"
        return {str: "string", int: "number", float: "number", bool: "boolean"}[declared]

    def _interface(self, declared: type) -> str:
        name = declared.__name__.removesuffix("Payload")
        if name not in self._interfaces:
            hints, lines = typing.get_type_hints(declared), ""
            for field in dataclasses.fields(declared):
                choices = typing.get_args(hints[field.name]) if isinstance(hints[field.name], types.UnionType) else ()
                kind = next((choice for choice in choices if choice is not types.NoneType), hints[field.name])
                mark = "" if field.default is dataclasses.MISSING else "?"
                lines += f"  {camel_case(field.name)}{mark}: {self._type(kind)};\n"
            self._interfaces[name] = (
                f"export interface {name} {{\n{lines}}}\n" if lines else f"export type {name} = object;\n"
            )
        return name


def _program(name: str) -> dict[str, Any]:
    return {"type": "string", "default": "", "scope": "machine-overridable", "description": f"%setting.{name}%"}


def _choices() -> dict[str, Any]:
    return {
        f"cognate.{name}": {
            "type": "string",
            "enum": list(values),
            "default": default,
            "scope": scope,
            "description": f"%setting.{name}%",
        }
        for name, (scope, default, values) in OWN_CHOICES.items()
    }


def _property(name: str, declaration: Declaration, default: Any) -> dict[str, Any]:
    declared: dict[str, Any] = {"type": _type(default), "default": default}
    if isinstance(default, tuple):
        declared |= {"default": list(default), "items": {"type": "string"}}
    if declaration.choices:
        declared |= {"enum": list(declaration.choices)}
    if declaration.minimum is not None:
        declared |= {"minimum": declaration.minimum, "maximum": declaration.maximum}
    scope = "machine" if declaration.personal else "machine-overridable" if declaration.sensitive else "resource"
    return declared | {"scope": scope, "description": f"%setting.{name}%"}


def _type(default: Any) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", tuple: "array", str: "string"}
    return kinds[type(default)]


def main() -> None:
    """Write the four files."""
    new_manifest = manifest(MANIFEST.read_text(encoding="utf-8"))
    new_texts = texts(TEXTS.read_text(encoding="utf-8"))
    MANIFEST.write_text(new_manifest, encoding="utf-8")
    TEXTS.write_text(new_texts, encoding="utf-8")
    PROTOCOL.write_text(ProtocolTypes().text(), encoding="utf-8")
    GUIDE.write_text(guide(GUIDE.read_text(encoding="utf-8"), new_manifest, new_texts), encoding="utf-8")


if __name__ == "__main__":
    main()
