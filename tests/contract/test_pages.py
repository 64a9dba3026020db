"""Every link of the pages leads somewhere, and every command on them can be given."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cognate.cli.main import UsageError, build_parser
from tools import links

ROOT = links.ROOT
PAGES = {str(page.relative_to(ROOT)): page.read_text(encoding="utf-8") for page in links.pages()}
SHELL = re.compile(r"^ *```(?:sh|bash|shell|console)?\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
TARGETS = set(re.findall(r"^([\w-]+(?: [\w-]+)*):(?!=)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
MAKE = {name for names in TARGETS for name in names.split()}
SEPARATORS = {"|", "||", "&&", ";", "&", ">", ">>", "<", "2>"}


def commands(text: str) -> Iterator[list[str]]:
    """Yield the words of each command in the shell blocks of a page; what they print is among them, too."""
    for block in SHELL.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            lexer = shlex.shlex(line.strip().removeprefix("$ "), posix=True, punctuation_chars="|&;<>")
            lexer.whitespace_split, lexer.commenters = True, "#"
            words: list[str] = []
            try:
                for word in [*lexer, ";"]:
                    if word in SEPARATORS:
                        yield words
                        words = []
                    else:
                        words.append(word)
            except ValueError:  # An apostrophe: it is text, not a command.
                continue


def of_program(text: str, program: str) -> list[list[str]]:
    """Return the arguments of each call of a program on a page, variables before it left out."""
    found: list[list[str]] = []
    for words in commands(text):
        while words and re.fullmatch(r"\w+=\S*", words[0]):
            words = words[1:]  # noqa: PLW2901 - what remains of the command
        if words and Path(words[0]).name == program:
            found.append(words[1:])
    return found


def run_here(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run Python in the checkout, or in another folder."""
    return subprocess.run([sys.executable, *arguments], check=False, cwd=folder, capture_output=True, text=True)


def test_every_link_of_every_page_leads_somewhere():
    assert len(PAGES) > 30
    assert list(links.problems(links.pages())) == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text(
        "# One `two`, three\n## Same\n## Same\n[a](#one-two-three) [b](#same-1) ![c](page.md#same) `[code](no.md)`\n"
        "[web](https://example.org/x#y) [no file](other.md) [no heading](#four)\n```\n[block](no.md)\n```\n",
        encoding="utf-8",
    )
    assert list(links.problems([page])) == [
        f"{page}: other.md leads to no file",
        f"{page}: #four leads to no heading",
    ]
    assert links.main([str(page)]) == 1


def test_every_command_in_a_shell_block_can_be_parsed():
    asked: list[str] = []
    wrong: list[str] = []
    for name, text in PAGES.items():
        for arguments in of_program(text, "cognate"):
            asked.append(" ".join(arguments))
            try:
                build_parser().parse_args(arguments)
            except UsageError as error:
                wrong.append(f"{name}: cognate {' '.join(arguments)}: {str(error).splitlines()[-1]}")
    assert wrong == []
    assert len(asked) > 20


def test_every_command_that_a_sentence_names_exists():
    known = set(build_parser()._subparsers._group_actions[0].choices)  # pyright: ignore
    today = {name: text for name, text in PAGES.items() if name != "CHANGELOG.md"}  # It names what is gone, too.
    named = {(name, command) for name, text in today.items() for command in re.findall(r"`cognate ([a-z]+)\b", text)}
    assert len({command for _, command in named}) > 8
    assert [pair for pair in sorted(named) if pair[1] not in known] == []


def test_every_target_of_make_that_a_page_names_exists():
    named = {(name, target) for name, text in PAGES.items() for target in re.findall(r"`make ([a-z0-9-]+)", text)}
    named |= {
        (name, word)
        for name, text in PAGES.items()
        for words in of_program(text, "make")
        for word in words
        if re.fullmatch(r"[a-z0-9-]+", word)
    }
    assert len({target for _, target in named}) > 10
    assert [pair for pair in sorted(named) if pair[1] not in MAKE] == []


def test_nothing_installs_the_project_that_has_our_name_on_pypi():
    wrong = re.compile(r"""pip install (?:-\S+ )*['"]?cognate\b""")
    assert [name for name, text in PAGES.items() if wrong.search(text)] == []
    sources = (ROOT / "server/cognate").rglob("*.py")
    assert [file for file in sources if wrong.search(file.read_text(encoding="utf-8"))] == []
    assert wrong.search("pip install -q 'cognate[mcp]'")
    assert not wrong.search("pip install '.[mcp]'")


@pytest.mark.parametrize("program", ["python", "python3"])
def test_every_script_that_a_page_runs_exists(program: str):
    run = [(name, words[0]) for name, text in PAGES.items() for words in of_program(text, program) if words]
    scripts = [(name, word) for name, word in run if word.endswith(".py")]
    assert scripts or program == "python3"
    assert [pair for pair in scripts if not (ROOT / pair[1]).is_file()] == []


@pytest.mark.parametrize("program", ["python", "python3"])
def test_every_module_of_ours_that_a_page_runs_says_how_it_is_called(program: str):
    run = [words[1] for text in PAGES.values() for words in of_program(text, program) if words[:1] == ["-m"]]
    ours = sorted({module for module in run if module.partition(".")[0] in {"tools", "cognate"}})
    assert ours or program == "python3"
    for module in ours:
        asked = run_here("-m", module, "--help")
        assert asked.returncode == 0, f"{module}: {asked.stderr}"


def test_every_script_reads_its_arguments_by_argparse():
    files = [file for folder in ("benchmarks", "tools") for file in (ROOT / folder).rglob("*.py")]
    texts = {file: file.read_text(encoding="utf-8") for file in files if "baselines" not in file.parts}
    scripts = {file: text for file, text in texts.items() if 'if __name__ == "__main__":' in text}
    assert len(scripts) > 40
    by_argparse = re.compile(r"\bArgumentParser\(|^from loop import .*\barguments\b", re.MULTILINE)
    assert [file for file, text in scripts.items() if not by_argparse.search(text)] == []


def test_a_script_that_is_asked_for_help_does_nothing_else(tmp_path: Path):
    asked = run_here(str(ROOT / "benchmarks" / "corpora.py"), "--help", folder=tmp_path)
    assert asked.stdout.startswith("usage: ")
    assert list(tmp_path.iterdir()) == []


def test_every_choice_of_tests_on_a_page_finds_tests():
    chosen = [w[2:] for text in PAGES.values() for w in of_program(text, "python") if w[:2] == ["-m", "pytest"]]
    assert len(chosen) > 1
    for arguments in chosen:
        collected = run_here("-m", "pytest", *arguments, "--collect-only", "-q")
        assert collected.returncode == 0, f"{' '.join(arguments)}: {collected.stdout[-500:]}"


def test_a_command_that_cannot_be_given_is_found():
    lines = "FOO=1 cognate search 'a b' | head   # cognate nothing", "$ .venv/bin/cognate index && cognate dance"
    page = "```sh\n{}\n{}\n```\n".format(*lines)
    assert of_program(page, "cognate") == [["search", "a b"], ["index"], ["dance"]]
    with pytest.raises(UsageError):
        build_parser().parse_args(["dance"])
