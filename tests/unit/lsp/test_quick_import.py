"""The protocol's types, imported the quick way, read and write the same JSON."""

import json
import subprocess
import sys

import pytest

READ_AND_WRITE = """
import json
from lsprotocol import types
from pygls.protocol import default_converter
converter = default_converter()
params = {
    "processId": None, "rootUri": "file:///x", "initializationOptions": {"a": [1]}, "trace": "off",
    "workspaceFolders": [{"uri": "file:///x", "name": "x"}],
    "capabilities": {
        "general": {"positionEncodings": ["utf-8", "utf-16"]},
        "textDocument": {"hover": {"contentFormat": ["markdown"]}},
        "workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}, "configuration": True},
    },
}
read = converter.structure(params, types.InitializeParams)
edit = types.TextEdit(types.Range(types.Position(1, 2), types.Position(3, 4)), "new")
given = types.ServerCapabilities(hover_provider=types.HoverOptions(work_done_progress=True))
said = [converter.unstructure(value) for value in (read, edit, given)]
ordered = types.Position(1, 2) < types.Position(1, 3), types.Position(1, 2) == types.Position(1, 2)
print(json.dumps([said, ordered], sort_keys=True))
"""


def said(before: str) -> str:
    done = subprocess.run([sys.executable, "-c", before + READ_AND_WRITE], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture(scope="module")
def usual() -> str:
    """What the types say when they are imported as usual."""
    return said("")


QUICKLY = "from cognate.lsp.quick_import import import_types; import_types()\n"


def test_they_say_the_same(usual: str):
    assert said(QUICKLY) == usual
    assert json.loads(usual)[0][0]["capabilities"]["general"] == {"positionEncodings": ["utf-8", "utf-16"]}


def test_they_have_no_methods_that_nobody_calls_and_other_classes_have_them():
    program = QUICKLY + (
        "import attrs; from lsprotocol import types\n"
        "print([name for name in ('__eq__', '__repr__', '__slots__') if name in vars(types.InitializeParams)])\n"
        "@attrs.define\nclass Other:\n    field: int\n"
        "print(Other(1) == Other(1), Other(1))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "True Other(field=1)"]
