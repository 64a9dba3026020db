"""The protocol's page and the server's types agree; what is made from declarations is what they say."""

import dataclasses
import importlib.util
import json
import re
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import pytest

from cognate.lsp import protocol, results
from cognate.lsp.codec import read
from cognate.settings import camel_case, declarations
from vscode.editor import CLIENT, ROOT

PAGE = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
MANIFEST = json.loads((CLIENT / "package.json").read_text(encoding="utf-8"))
TEXTS = json.loads((CLIENT / "package.nls.json").read_text(encoding="utf-8"))

WRITTEN = {
    "Hit": results.HitPayload,
    "Facets": results.FacetsPayload,
    "Index": results.IndexPayload,
    "SearchResult": results.SearchResult,
    "FolderStatus": results.FolderStatusPayload,
    "Status": results.StatusResult,
    "Scope": protocol.ScopeParams,
}
"""The types that the page describes."""


def table(heading: str) -> dict[str, bool]:
    """Return the fields that the page's first table after a heading names, and whether each may be absent."""
    rows = PAGE.split(heading, 1)[1].split("\n\n| ", 1)[1].split("\n\n", 1)[0]
    found: dict[str, bool] = {}
    for row in rows.splitlines():
        cell = row.removeprefix("| ").split(" | ", 1)[0]
        found |= {name: optional == "?" for name, optional in re.findall(r"`(\w+)(\??)`", cell)}
    return found


def dataclass_fields(cls: Any) -> dict[str, bool]:
    """Return the wire's names of a payload, and whether each may be absent."""
    required = dataclasses.MISSING
    return {camel_case(field.name): field.default is not required for field in dataclasses.fields(cls)}


@pytest.mark.parametrize("name", WRITTEN)
def test_the_page_and_the_server_have_the_same_fields(name: str):
    assert table(f"\n`{name}`") == dataclass_fields(WRITTEN[name])


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("cognate/search", protocol.SearchParams),
        ("cognate/narrow", protocol.NarrowParams),
        ("cognate/searchCode", protocol.SearchCodeParams),
        ("cognate/rephrase", protocol.RephraseParams),
        ("cognate/rephrased", protocol.RephrasedParams),
    ],
)
def test_the_page_and_the_server_have_the_same_params(method: str, params: type):
    assert table(f"\n## `{method}`") == dataclass_fields(params)


def test_the_server_reads_the_params_of_the_page():
    selection = {"textDocument": {"uri": "file:///a"}, "position": {"line": 0, "character": 0}}
    both = {"limit": 5, "scope": {name: ["x"] for name in table("\n`Scope`")}, "explain": True}
    search = read({"query": "q", "context": selection, **both}, protocol.SearchParams)
    assert (search.query, search.limit, search.explain) == ("q", 5, True)
    assert search.context is not None
    assert all(getattr(search.scope, name) == ("x",) for name in table("\n`Scope`"))
    assert read({**selection, **both}, protocol.RelatedParams).scope == search.scope
    assert (
        read({"textDocument": selection["textDocument"]}, protocol.ExplainFileParams).text_document.uri == "file:///a"
    )


def test_every_state_of_an_index_has_an_icon():
    from cognate.types import State

    icons = re.search(r"STATE_ICONS: [^{]+{(.+?)}", (CLIENT / "src" / "status.ts").read_text(encoding="utf-8"), re.S)
    assert icons is not None
    assert set(re.findall(r"'?([\w-]+)'?: '", icons[1])) == {state.value for state in State}


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", CLIENT / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_types_of_the_extension_are_those_of_the_server(generator: ModuleType):
    assert generator.PROTOCOL.read_text(encoding="utf-8") == generator.ProtocolTypes().text()


def test_manifest_texts_and_guide_are_what_the_declarations_say(generator: ModuleType):
    manifest, texts, guide = (
        path.read_text(encoding="utf-8") for path in (generator.MANIFEST, generator.TEXTS, generator.GUIDE)
    )
    assert manifest == generator.manifest(manifest)
    assert texts == generator.texts(texts)
    assert guide == generator.guide(guide, manifest, texts)


def test_an_untrusted_folder_cannot_choose_what_runs():
    restricted = set(MANIFEST["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"])
    sensitive = {f"cognate.{camel_case(name)}" for name, (declared, _) in declarations().items() if declared.sensitive}
    assert restricted == sensitive | {"cognate.server.path", "cognate.python"}


def test_no_workspace_can_choose_where_something_is_sent_or_what_is_trusted():
    properties = MANIFEST["contributes"]["configuration"]["properties"]
    personal = {f"cognate.{camel_case(name)}" for name, (declared, _) in declarations().items() if declared.personal}
    trusted = {"cognate.vectors", "cognate.vectorsKey"}
    assert personal == {"cognate.rephraseEndpoint", "cognate.rephraseModel", *trusted}
    assert {name for name, declared in properties.items() if declared["scope"] == "machine"} == personal


def test_every_text_of_the_manifest_is_written_and_used():
    used = set(re.findall(r'"%([\w.]+)%"', json.dumps(MANIFEST)))
    assert used == set(TEXTS)


def test_every_command_and_view_that_is_mentioned_is_declared():
    contributes: Mapping[str, Any] = MANIFEST["contributes"]
    commands = {entry["command"] for entry in contributes["commands"]}
    mentioned = {entry["command"] for entries in contributes["menus"].values() for entry in entries}
    mentioned |= {entry["command"] for entry in contributes["keybindings"]}
    mentioned |= set(re.findall(r"command:(cognate\.\w+)(?!\.focus)\)", json.dumps(TEXTS)))
    assert mentioned <= commands
    registered = set(
        re.findall(r"^    '(cognate\.\w+)':", (CLIENT / "src" / "extension.ts").read_text(encoding="utf-8"), re.M)
    )
    assert registered == commands
    announced = {value for name, value in vars(protocol).items() if name.startswith("COMMAND_")}
    assert not commands & announced, "the language client registers what the server announces"


def test_the_lock_file_names_no_registry_host():
    lock = json.loads((CLIENT / "package-lock.json").read_text(encoding="utf-8"))
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]


def test_every_bundled_package_is_named_in_the_notice():
    lock = json.loads((CLIENT / "package-lock.json").read_text(encoding="utf-8"))
    packages = lock["packages"]
    bundled: set[str] = set()
    waiting = ["vscode-languageclient"]
    while waiting:
        name = waiting.pop()
        if name not in bundled:
            bundled.add(name)
            waiting.extend(packages.get(f"node_modules/{name}", {}).get("dependencies", {}))
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    assert len(bundled) > 5
    assert [name for name in sorted(bundled) if name not in notice] == []
