"""Agents' configuration files as people and programs leave them: our entry goes in and comes out, all else stays."""

import json
import os
from pathlib import Path

import pytest

from cognate.errors import InvalidRequestError
from cognate.mcp import json_text, toml_text
from cognate.mcp.agents import AGENTS, BACKUP, Agent, Surroundings, chosen, install, listed, uninstall

COMMAND = ["/opt/tools/cognate", "mcp"]

RECORDED = {
    "claude-code": [
        '{\n  "numStartups": 41,\n  "projects": {\n    "/home/me/app": {\n      "mcpServers": {},\n      "history": []'
        '\n    }\n  },\n  "oauthAccount": {"emailAddress": "grüße@example.org"}\n}',
        '{"numStartups":3,"mcpServers":{"playwright":{"type":"stdio","command":"npx","args":["-y","x"],"env":{}}}}',
    ],
    "codex": [
        'model = "gpt-5-codex"\n\n[mcp_servers.context7]\ncommand = "npx"\nargs = ["-y", "@upstash/context7-mcp"]\n\n'
        '# What I trust.\n[projects."/home/me/app"]\ntrust_level = "trusted"\n',
        'notify = """\n[mcp_servers.cognate]\n"""',  # A text that looks like our table, and no line break at the end.
    ],
    "cursor": [
        '{\n\t"mcpServers": {\n\t\t"time": {\n\t\t\t"command": "uvx",\n\t\t\t"args": ["server-time"]\n\t\t}\n\t}\n}\n'
    ],
    "copilot-cli": ['{\r\n    "mcpServers": {}\r\n}\r\n', '{ "mcpServers": { } }'],
    "gemini-cli": [
        '{\n  "theme": "Default", // as elsewhere\n  "mcpServers": {\n    "git": {"command": "u"} /* own */\n  }\n}\n',
    ],
    "opencode": [
        '{\n  "$schema": "https://opencode.ai/config.json",\n  // Off by default.\n  "mcp": {\n    "jira": {\n'
        '      "type": "remote",\n      "url": "https://example.com/mcp",\n      "enabled": false,\n    },\n  },\n}\n',
        '{"mcp": {"servers": {"a": {"type": "local", "command": ["b"]}}}}',
    ],
    "zed": [
        '// Zed settings\n//\n// see zed.dev/docs\n{\n  "vim_mode": true,\n  "languages": {\n    // none\n  },\n}\n',
        '\ufeff{\n  "context_servers": {\n    // "old": {}\n  },\n  "theme": "One Dark"\n}',
    ],
    "windsurf": ["", '{\n  "mcpServers": {\n    "b": {"command": "b"},\n    "a": {"command": "a"}\n  }\n}'],
}


def around(home: Path, **variables: str) -> Surroundings:
    return Surroundings(home, variables, lambda command: None)


def put(home: Path, agent: Agent, text: str) -> Path:
    file = agent.file(around(home))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode())
    return file


CASES = [(agent, text) for agent in AGENTS for text in RECORDED[agent.name]]


@pytest.mark.parametrize(("agent", "text"), CASES, ids=[f"{a.name}-{i}" for i, (a, _) in enumerate(CASES)])
def test_an_entry_goes_in_twice_and_comes_out_without_a_trace(tmp_path: Path, agent: Agent, text: str):
    file = put(tmp_path, agent, text)
    (added,) = install([agent], around(tmp_path), COMMAND)
    once = file.read_bytes()
    assert added.action == "added"
    assert added.backup is not None and added.backup.read_bytes() == text.encode()
    (again,) = install([agent], around(tmp_path), COMMAND)
    assert (again.action, file.read_bytes()) == ("unchanged", once)
    assert listed([agent], around(tmp_path))[0].action == "installed"
    (removed,) = uninstall([agent], around(tmp_path))
    assert removed.action == "removed"
    assert file.read_bytes() == text.encode()
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize(("agent", "text"), CASES, ids=[f"{a.name}-{i}" for i, (a, _) in enumerate(CASES)])
def test_the_entry_comes_out_of_a_file_that_lost_its_backup(tmp_path: Path, agent: Agent, text: str):
    file = put(tmp_path, agent, text)
    install([agent], around(tmp_path), COMMAND)
    file.with_name(file.name + BACKUP).unlink()
    (removed,) = uninstall([agent], around(tmp_path))
    assert removed.action == "removed"
    if file.exists():  # An empty file cannot be told from none by then.
        left = file.read_bytes().decode()
        read = toml_text.read if file.suffix == ".toml" else lambda text: json_text.read(text).plain
        assert "/opt/tools" not in left
        for key, value in read(text).items():
            assert read(left)[key] == value


def test_what_is_written_is_what_each_agent_documents(tmp_path: Path):
    found = {}
    for agent in AGENTS:
        file = put(tmp_path, agent, "")
        install([agent], around(tmp_path), COMMAND)
        text = file.read_text()
        found[agent.name] = toml_text.read(text) if file.suffix == ".toml" else json.loads(text)
    plain = {"command": "/opt/tools/cognate", "args": ["mcp"]}
    assert found == {
        "claude-code": {"mcpServers": {"cognate": {"type": "stdio", **plain, "env": {}}}},
        "codex": {"mcp_servers": {"cognate": plain}},
        "cursor": {"mcpServers": {"cognate": plain}},
        "copilot-cli": {"mcpServers": {"cognate": {"type": "local", **plain, "tools": ["*"]}}},
        "gemini-cli": {"mcpServers": {"cognate": plain}},
        "opencode": {"mcp": {"cognate": {"type": "local", "command": ["/opt/tools/cognate", "mcp"], "enabled": True}}},
        "zed": {"context_servers": {"cognate": {**plain, "env": {}}}},
        "windsurf": {"mcpServers": {"cognate": plain}},
    }


def test_what_others_add_around_the_entry_stays(tmp_path: Path):
    (agent,) = chosen(["cursor"])
    file = put(tmp_path, agent, '{\n  "mcpServers": {\n    "a": {"command": "a"} // first\n  }\n}\n')
    install([agent], around(tmp_path), COMMAND)
    grown = file.read_text().replace("\n    }\n  }\n}", '\n    },\n    "z": {"command": "z"}\n  }\n}')
    file.write_text(grown)
    uninstall([agent], around(tmp_path))
    assert (
        file.read_text()
        == '{\n  "mcpServers": {\n    "a": {"command": "a"}, // first\n    "z": {"command": "z"}\n  }\n}\n'
    )


def test_what_stands_behind_a_comment_and_the_entry_is_not_commented_out(tmp_path: Path):
    (agent,) = chosen(["cursor"])
    entry = '"cognate": {"command": "cognate", "args": ["mcp"]}'
    file = put(tmp_path, agent, '{"mcpServers": { // mine\n' + entry + ', "z": {"command": "z"}}}')
    uninstall([agent], around(tmp_path))
    assert file.read_text() == '{"mcpServers": { // mine\n "z": {"command": "z"}}}'
    file.write_text('{"mcpServers": { // mine\n' + entry + "}}")
    uninstall([agent], around(tmp_path))
    assert file.read_text() == '{"mcpServers": { // mine\n}}'


def test_tables_added_behind_ours_stay_with_their_comments(tmp_path: Path):
    (agent,) = chosen(["codex"])
    file = put(tmp_path, agent, 'model = "x"\n')
    install([agent], around(tmp_path), COMMAND)
    more = '\n[mcp_servers.cognate.env]\nA = "1"\n\n# Theirs.\n[tui]\nnotifications = true\n'
    file.write_text(file.read_text() + more)
    uninstall([agent], around(tmp_path))
    assert file.read_text() == 'model = "x"\n\n# Theirs.\n[tui]\nnotifications = true\n'


def test_an_entry_of_another_installation_is_updated(tmp_path: Path):
    (agent,) = chosen(["gemini-cli"])
    put(tmp_path, agent, "")
    install([agent], around(tmp_path), ["/old/python", "-m", "cognate", "mcp"])
    (outcome,) = install([agent], around(tmp_path), COMMAND)
    assert outcome.action == "updated"
    assert uninstall([agent], around(tmp_path))[0].action == "removed"
    assert "cognate" not in agent.file(around(tmp_path)).read_text()


def test_a_dry_run_says_what_would_be_done_and_does_nothing(tmp_path: Path):
    (agent,) = chosen(["zed"])
    file = put(tmp_path, agent, "{}")
    (outcome,) = install([agent], around(tmp_path), COMMAND, dry_run=True)
    assert (outcome.action, file.read_text(), outcome.backup) == ("added", "{}", None)
    install([agent], around(tmp_path), COMMAND)
    written = file.read_bytes()
    assert uninstall([agent], around(tmp_path), dry_run=True)[0].action == "removed"
    assert file.read_bytes() == written


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cursor", '{"mcpServers": {'),
        ("cursor", '["mcpServers"]'),
        ("claude-code", '{"mcpServers": []}'),
        ("zed", '{"a": 1 "b": 2}'),
        ("gemini-cli", "{'a': 1}"),
        ("codex", "model = \n"),
        ("codex", "mcp_servers = {}\n"),
        ("windsurf", '{"mcpServers": {"cognate": {"command": "npx", "args": ["another"]}}}'),
    ],
)
def test_a_file_that_cannot_be_understood_is_left_alone(tmp_path: Path, name: str, text: str):
    (agent,) = chosen([name])
    file = put(tmp_path, agent, text)
    (outcome,) = install([agent], around(tmp_path), COMMAND)
    assert outcome.action == "refused" and outcome.detail
    assert file.read_text() == text
    assert list(file.parent.glob(f"*{BACKUP}")) == []


def test_bytes_that_are_no_text_are_refused(tmp_path: Path):
    (agent,) = chosen(["cursor"])
    file = put(tmp_path, agent, "")
    file.write_bytes(b'{"a": "\xff"}')
    assert install([agent], around(tmp_path), COMMAND)[0].action == "refused"


def test_agents_that_are_not_here_get_nothing_unless_named(tmp_path: Path):
    assert {outcome.action for outcome in install(AGENTS, around(tmp_path), COMMAND)} == {"absent"}
    assert list(tmp_path.iterdir()) == []
    (agent,) = chosen(["cursor"])
    assert install([agent], around(tmp_path), COMMAND, named=True)[0].action == "added"
    assert uninstall([agent], around(tmp_path))[0].action == "removed"
    assert not agent.file(around(tmp_path)).exists()


def test_an_agent_is_found_by_its_folder_or_its_program(tmp_path: Path):
    (tmp_path / ".claude").mkdir()
    claude, codex = chosen(["claude-code", "codex"])
    assert claude.is_installed(around(tmp_path))
    assert not codex.is_installed(around(tmp_path))
    assert codex.is_installed(Surroundings(tmp_path, {}, lambda command: "/bin/x" if command == "codex" else None))


def test_variables_move_the_files(tmp_path: Path):
    where = around(tmp_path, CODEX_HOME=str(tmp_path / "elsewhere"))
    (agent,) = chosen(["codex"])
    assert agent.file(where) == tmp_path / "elsewhere" / "config.toml"


@pytest.mark.skipif(os.name == "nt", reason="links and modes are POSIX")
def test_a_link_stays_a_link_and_a_mode_stays(tmp_path: Path):
    (agent,) = chosen(["cursor"])
    file = put(tmp_path, agent, "")
    file.unlink()
    real = tmp_path / "dotfiles.json"
    real.write_text("{}")
    real.chmod(0o640)
    file.symlink_to(real)
    install([agent], around(tmp_path), COMMAND)
    assert file.is_symlink()
    assert "cognate" in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o640
    uninstall([agent], around(tmp_path))
    assert (file.is_symlink(), real.read_text()) == (True, "{}")


def test_an_unknown_name_is_told_with_those_that_there_are():
    with pytest.raises(InvalidRequestError, match=r"vim.*claude-code"):
        chosen(["vim"])
