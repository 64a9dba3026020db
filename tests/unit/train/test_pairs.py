import pytest
from pairs import pairs_of_file, pairs_of_package

PYTHON = '''
def sweep_stale_sessions(store, now):
    """Throw away everybody who has been idle for too long. Called every hour."""
    for key, session in list(store.items()):
        # An administrator is never logged out behind their back.
        if not session.is_admin and session.deadline < now:
            del store[key]
'''


def by_kind(path: str, language: str, text: str) -> dict[str, list]:
    found: dict[str, list] = {}
    for pair, _ in pairs_of_file("demo", path, language, text):
        found.setdefault(pair.kind, []).append(pair)
    return found


def test_a_docstring_asks_for_its_definition_as_the_index_embeds_it_without_the_docstring():
    (pair,) = by_kind("web/sessions.py", "python", PYTHON)["doc"]
    assert pair.query == "Throw away everybody who has been idle for too long"
    header, code = pair.text.split("\n")
    assert header == "web sessions sweep stale sessions"
    assert {"store", "deadline", "admin"} <= set(code.split())
    assert not {"everybody", "idle", "hour"} & set(code.split())


def test_the_chunk_keeps_what_the_docstring_says_after_its_first_sentence():
    (pair,) = by_kind("web/sessions.py", "python", PYTHON)["doc"]
    assert "hour" in pair.chunk.split()
    assert "idle" not in pair.chunk.split()


def test_the_passage_is_what_the_second_stage_reads_of_the_chunk_without_the_sentence():
    (pair,) = by_kind("web/sessions.py", "python", PYTHON)["doc"]
    header, body = pair.passage.split("\n")
    assert header == "sessions sweep stale"
    assert body.startswith("def sweep stale sessions store now called every hour for key session in list store items")
    assert "idle" not in body.split()


def test_a_sentence_among_statements_asks_for_the_chunk_around_it():
    (pair,) = by_kind("web/sessions.py", "python", PYTHON)["comment"]
    assert pair.query == "An administrator is never logged out behind their back"
    assert "deadline" in pair.chunk.split()
    assert "administrator" not in pair.chunk.split()


def test_a_name_asks_for_a_text_whose_header_does_not_say_it():
    (pair,) = by_kind("web/sessions.py", "python", PYTHON)["name"]
    assert pair.query == "sweep stale sessions"
    assert pair.text.split("\n")[0] == "web sessions"


SAID = "Give the slot back to the shared pool."
BODY = " {\n  pool[n] = 0;\n  used--;\n}\n"
SAMPLES = {
    "c": f"/* {SAID} */\nvoid drop(int n){BODY}",
    "cpp": f"// {SAID}\nvoid Pool::drop(int n){BODY}",
    "go": f"package a\n\n// drop {SAID[0].lower()}{SAID[1:]}\nfunc drop(n int){BODY}",
    "java": f"class A {{\n/**\n * {SAID}\n * @param n which\n */\nvoid drop(int n){BODY}}}\n",
    "javascript": f"/** {SAID} */\nfunction drop(n){BODY}",
    "php": f"<?php\n/** {SAID} */\nfunction drop($n){BODY}",
    "ruby": f"# {SAID}\ndef drop(n)\n  @pool[n] = 0\n  @used -= 1\nend\n",
    "rust": f"/// {SAID}\nfn drop(n: usize){BODY}",
    "typescript": f"/** {SAID} */\nfunction drop(n: number){BODY}",
}


@pytest.mark.parametrize("language", SAMPLES)
def test_doc_comments_are_found_in_every_language(language):
    (pair,) = by_kind("src/a", language, SAMPLES[language])["doc"]
    assert pair.query.lower() == "give the slot back to the shared pool"
    assert "drop" in pair.text.split("\n")[0].split()
    assert "shared" not in pair.text.split()


def test_a_test_asks_for_the_one_definition_that_it_alone_calls(tmp_path):
    (tmp_path / "bank.py").write_text(
        "def transfer_money(one, other, amount):\n"
        "    one.balance -= amount\n    other.balance += amount\n    return one\n"
    )
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_bank.py").write_text(
        "def test_nothing_is_lost_on_the_way():\n"
        "    a, b = open_two()\n    transfer_money(a, b, 3)\n    assert a.balance == 1\n"
    )
    (pair,) = [pair for pair in pairs_of_package(tmp_path, "demo") if pair.kind == "test"]
    assert (pair.query, pair.path) == ("nothing is lost on the way", "bank.py")
    assert "amount" in pair.text.split()


def test_a_heading_and_its_first_sentence_ask_for_the_code_below(tmp_path):
    (tmp_path / "README.md").write_text(
        "# Demo\n\n## Waiting\n\nA client gives up after the deadline has passed for good.\n\n```py\n"
        "client = Client(host, port, retries=3, backoff=linear)\nclient.connect(timeout=limit)\n```\n"
    )
    (pair,) = pairs_of_package(tmp_path, "demo")
    assert pair.query == "Waiting: A client gives up after the deadline has passed for good"
    assert "backoff" in pair.text.split()


def test_folders_of_other_peoples_code_are_left_out(tmp_path):
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "a.py").write_text(PYTHON)
    assert not list(pairs_of_package(tmp_path, "demo"))
