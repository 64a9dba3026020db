"""The protocol's page, the server's and the extension's types agree; so do settings, manifest and guide."""

import dataclasses
import importlib.util
import json
import re
import typing
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import pytest
from lsprotocol.types import Location

from cognate.lsp import protocol, results
from cognate.lsp.codec import read
from cognate.settings import camel_case, declarations
from vscode.editor import CLIENT, ROOT

PAGE = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
TYPES = (CLIENT / "src" / "protocol.ts").read_text(encoding="utf-8")
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

READ = {name: WRITTEN[name] for name in ("Hit", "Facets", "SearchResult", "Status")} | {
    "ExplainFileResult": results.ExplainFileResult,
    "RephraseResult": results.RephraseResult,
    "RephrasedResult": results.RephrasedResult,
    "Commit": results.CommitPayload,
    "Together": results.TogetherPayload,
    "HistoryResult": results.HistoryResult,
}
"""The types of which the extension declares what it reads."""

PARAMS = {
    "SearchParams": "cognate/search",
    "SearchCodeParams": "cognate/searchCode",
    "RelatedParams": "cognate/related",
    "HistoryParams": "cognate/history",
}


def interface(name: str) -> dict[str, bool]:
    """Return a TypeScript interface's fields and whether each may be absent."""
    body = re.search(rf"export interface {name} {{\n(.*?)\n}}", TYPES, re.S)
    assert body is not None, name
    return {field: optional == "?" for field, optional in re.findall(r"^  (\w+)(\??):", body[1], re.M)}


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
        ("cognate/searchCode", protocol.SearchCodeParams),
        ("cognate/rephrase", protocol.RephraseParams),
        ("cognate/rephrased", protocol.RephrasedParams),
    ],
)
def test_the_page_and_the_server_have_the_same_params(method: str, params: type):
    assert table(f"\n## `{method}`") == dataclass_fields(params)


@pytest.mark.parametrize("name", READ)
def test_the_extension_reads_only_fields_that_the_server_sends(name: str):
    assert interface(name)
    assert interface(name).items() <= dataclass_fields(READ[name]).items()


def test_the_extension_reads_every_field_of_an_answer():
    for name in ("Hit", "Facets", "SearchResult"):
        assert interface(name) == dataclass_fields(READ[name])


def test_what_the_extension_takes_from_the_standard_or_declares_in_place_is_what_the_server_sends():
    assert typing.get_type_hints(results.HitPayload)["location"] is Location
    declared = re.search(r"symbol\?: {([^}]+)}", TYPES)
    assert declared is not None
    assert re.findall(r"(\w+): string;?", declared[1]) == list(dataclass_fields(results.SymbolPayload))


@pytest.mark.parametrize(("name", "method"), PARAMS.items())
def test_the_extension_knows_only_params_of_the_page(name: str, method: str):
    declared, written = interface(name), table(f"## `{method}`")
    assert declared
    assert set(declared) <= set(written)
    assert {field for field, optional in declared.items() if not optional} <= {f for f, o in written.items() if not o}


def test_the_server_reads_the_params_of_the_page_and_the_extension():
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


def test_methods_commands_and_limits_are_the_server_s():
    methods = {protocol.SEARCH, protocol.RELATED, protocol.REPHRASE, protocol.REPHRASED, protocol.STATUS}
    methods |= {protocol.EXPLAIN_FILE, protocol.SEARCH_CODE, protocol.HISTORY}
    assert set(re.findall(r"^  '(cognate/\w+)': \[", TYPES, re.M)) == methods
    constants = dict(re.findall(r"^export const (\w+) = '?([^';]+)'?;", TYPES, re.M))
    for name, value in constants.items():
        assert str(getattr(protocol, name)) == value
    assert "DID_CHANGE_STATUS" in constants


def test_the_states_of_an_index_are_the_server_s():
    from cognate.types import State

    union = re.search(r"type IndexState = ([^;]+);", TYPES)
    assert union is not None
    assert set(re.findall(r"'([\w-]+)'", union[1])) == {state.value for state in State}


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", CLIENT / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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
