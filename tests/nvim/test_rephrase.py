"""`:Cognate!` in a real Neovim: other words from the hook and from the server's endpoint, and what is said without."""

import pytest

from chat_server import WORDINGS, chat_server, said

QUESTION = "may two processes change it at once"

SEEN = """
    _G.sent, _G.found, _G.hook = {}, nil, {}
    local client = vim.lsp.get_clients({ name = "cognate" })[1]
    _G.unchanged = _G.unchanged or client.rpc.request
    client.rpc.request = function(method, params, ...)
      table.insert(_G.sent, { method = method, params = params })
      return _G.unchanged(method, params, ...)
    end
    vim.ui.select = function(items, shown) _G.found = { items = items, title = shown.prompt } end
"""

HOOK = """
    require("cognate.config").options.rephrase = function(query, done, prompt)
      _G.hook = { query = query, prompt = prompt }
      %s
    end
"""


@pytest.fixture
def asking(editor):
    """An editor whose requests and results are kept; the option is what it was at the end."""
    editor.lua("_G.default = _G.default or require('cognate.config').options.rephrase")
    editor.lua(SEEN)
    yield editor
    editor.lua("""
        require("cognate.config").options.rephrase = _G.default
        require("cognate.rephrase").limit_ms = 10000
        vim.lsp.get_clients({ name = "cognate" })[1].rpc.request = _G.unchanged
    """)


def ask(editor, hook: str, query: str = QUESTION) -> dict:
    """Ask in other words with a hook, and return what is shown."""
    editor.lua(HOOK % hook)
    editor.command(f"Cognate! {query}")
    return editor.wait("return _G.found")


def searched(editor) -> dict:
    """Return the params of the one search that was sent."""
    (params,) = [sent["params"] for sent in editor.lua("return _G.sent") if sent["method"] == "cognate/search"]
    return params


def test_the_hook_s_wordings_are_searched_for_and_shown(asking):
    found = ask(asking, 'done({ "  1. writer lock ", "", "single   writer" })')
    assert searched(asking)["query"] == QUESTION
    assert searched(asking)["also"] == ["writer lock", "single writer"]
    assert found["title"] == f"{QUESTION} · writer lock · single writer"
    assert found["items"]
    assert asking.notices() == []
    told = asking.lua("return _G.hook")
    assert told["query"] == QUESTION
    assert told["prompt"]["user"].endswith(f"Question: {QUESTION}")
    assert told["prompt"]["system"]


@pytest.mark.parametrize(
    ("hook", "also"),
    [
        ('done("```\\n- writer lock\\n- single writer\\n```")', ["writer lock", "single writer"]),
        ('vim.uv.new_timer():start(1, 0, function() done({ "writer lock" }) end)', ["writer lock"]),
        ('vim.system({ "echo", "writer lock" }, {}, function(out) done(out.stdout) end)', ["writer lock"]),
        ('done({ "writer lock" }); done({ "other" }); error("too late")', ["writer lock"]),
        ('local many = {}; for n = 1, 20 do many[n] = "w" .. n end; done(many)', [f"w{n}" for n in range(1, 9)]),
        ('done({ "writer lock", 7, ("x"):rep(5000) })', ["writer lock"]),
    ],
)
def test_a_hook_may_give_a_reply_later_more_than_once_or_too_much(asking, hook, also):
    ask(asking, hook)
    assert searched(asking)["also"] == also
    assert asking.notices() == []


@pytest.mark.parametrize(
    ("hook", "why"),
    [
        ("done(nil)", "the option rephrase gave none"),
        ("done()", "the option rephrase gave none"),
        ('done(nil, "the quota is used up")', "the quota is used up"),
        ("done({})", "The chat model's reply holds no other wordings."),
        ('done("")', "the option rephrase gave none"),
        ("done(7)", "the option rephrase gave none"),
        ("done({ print })", "the option rephrase gave none"),
        ('error("no model here", 0)', "the option rephrase failed: no model here"),
        ("error({})", "the option rephrase failed: table: "),
    ],
)
def test_without_wordings_the_search_goes_on_and_says_why(asking, hook, why):
    found = ask(asking, hook)
    assert found["items"]
    assert found["title"] == QUESTION
    assert "also" not in searched(asking)
    (notice,) = asking.lua("return _G.notices")
    assert notice["text"].startswith(f"cognate: no other wordings: {why}")
    assert notice["level"] == 2


def test_a_hook_that_never_calls_back_is_given_up_and_told(asking):
    asking.lua('require("cognate.rephrase").limit_ms = 50')
    ask(asking, "_G.late = done; return function() _G.cancelled = true end")
    assert asking.notices() == ["cognate: no other wordings: there was no answer within 0.05 s"]
    assert asking.wait("return _G.cancelled")
    asking.lua('_G.late({ "too late" })')
    assert "also" not in searched(asking)


def test_for_a_query_without_words_the_hook_is_not_asked(asking):
    asking.lua(HOOK % 'done({ "never asked" })')
    asking.command("Cognate! lang:python")
    asking.wait("return #_G.notices == 2")
    assert "no other wordings: The query has no words" in asking.notices()[0]
    assert searched(asking)["query"] == "lang:python"
    assert asking.lua("return _G.hook.query or 'not asked'") == "not asked"


def test_without_a_hook_and_an_endpoint_the_setting_is_named(asking):
    asking.command(f"Cognate! search ++picker=quickfix {QUESTION}")
    asking.wait("return #vim.fn.getqflist() > 0")
    assert "rephraseEndpoint" in asking.notices()[0]
    assert searched(asking)["query"] == QUESTION


def test_a_search_without_a_bang_and_the_live_prompt_ask_nobody(asking):
    asking.lua(HOOK % 'done({ "writer lock" })')
    asking.command(f"Cognate search {QUESTION}")
    asking.wait("return _G.found")
    asking.command("Cognate!")
    asking.keys("lock")
    asking.wait("return #_G.sent >= 2")
    asking.keys("<Esc>")
    assert {sent["method"] for sent in asking.lua("return _G.sent")} == {"cognate/search"}
    assert not [sent for sent in asking.lua("return _G.sent") if "also" in sent["params"]]


def test_an_item_says_which_wording_found_it_unless_the_query_did(asking):
    zero = {"line": 0, "character": 0}
    hit = {
        "location": {"uri": "file:///p/a.py", "range": {"start": zero, "end": zero}},
        "focusRange": {"start": zero, "end": zero},
        "focusText": "  take_lock()",
        "score": 0.5,
    }
    hits = [hit, {**hit, "foundBy": "two locks"}, {**hit, "foundBy": "one lock"}, {**hit, "foundBy": "WriterLock"}]
    code = 'return vim.tbl_map(function(item) return item.label end, require("cognate.hits").items((...), "utf-8", %s))'
    labels = asking.lua(code % '" one lock "', hits)
    assert labels == ["take_lock()", "take_lock()  ← two locks", "take_lock()", "take_lock()  ← WriterLock"]


def test_the_option_must_be_a_function(asking):
    failure = asking.lua('return select(2, pcall(require("cognate").setup, { rephrase = "gpt" }))')
    assert "must be a function" in failure


def test_the_server_asks_the_endpoint_of_its_settings(launch, project):
    with chat_server() as chat:
        settings = f'settings = {{ rephraseEndpoint = "{chat.url}", rephraseModel = "talker" }}'
        editor = launch(project, init=f'require("cognate").setup({{ {settings} }})')
        editor.edit("cognate/index/lock.py")
        editor.wait_until_ready()
        editor.lua(SEEN)
        editor.command(f"Cognate! {QUESTION}")
        assert editor.wait("return _G.found")["title"] == " · ".join([QUESTION, *WORDINGS])
        assert searched(editor)["also"] == list(WORDINGS)
        assert [request.body["model"] for request in chat.asked] == ["talker"]
        chat.reply = said("Sorry, no:")
        editor.lua("_G.found = nil")
        editor.command(f"Cognate! {QUESTION}")
        editor.wait("return _G.found")
        assert editor.notices() == ["cognate: no other wordings: The chat model's reply holds no other wordings."]
