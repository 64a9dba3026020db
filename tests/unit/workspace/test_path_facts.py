import pytest

from cognate.workspace.path_facts import path_facts


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("tests/test_app.py", "test"),
        ("src/app_test.go", "test"),
        ("src/App.spec.ts", "test"),
        ("src/test/java/FooTest.java", "test"),
        ("examples/demo.py", "example"),
        ("docs/guide.md", "docs"),
        ("README.md", "docs"),
        ("src/compat.py", "compat"),
        ("pkg/__init__.py", "index"),
        ("lib/index.js", "index"),
        ("types.d.ts", "types"),
        ("package.json", "configuration"),
    ],
)
def test_a_path_tells_the_kind_of_file(path: str, kind: str):
    assert kind in path_facts(path).kinds


@pytest.mark.parametrize("path", ["src/latest.py", "src/contest/entry.go", "lib/router.js", "src/protest.rs"])
def test_an_ordinary_source_file_has_no_kind(path: str):
    assert path_facts(path).kinds == frozenset()


def test_an_index_file_is_named_by_its_folder():
    assert path_facts("lib/router/index.js").name_words == ("rout",)
