--- Find code by meaning. Everything works without setup(); these functions are what :Cognate calls.
local M = {}

M.version = "0.2.0"

--- Change options; see |cognate-options|.
---@param options? cognate.Options
function M.setup(options)
  local config = require("cognate.config")
  config.set(options)
  if vim.lsp.config then
    vim.lsp.config("cognate", { cmd = config.options.cmd, settings = { cognate = config.options.settings } })
  end
end

local function client()
  return require("cognate.client")
end

--- The server's sentence about an index that is not ready; nil when it is.
---@param index cognate.Index
---@param bufnr integer
---@return string?
local function progress(index, bufnr)
  if index.state ~= "ready" then
    local status = client().status(bufnr)
    return status and status.summary or index.state
  end
end

local function cursor_in(bufnr)
  local window = vim.api.nvim_get_current_win()
  return function(server)
    local position = vim.lsp.util.make_position_params(window, server.offset_encoding)
    return vim.lsp.buf_is_attached(bufnr, server.id) and position or nil
  end
end

local function say(text)
  vim.notify("cognate: " .. text)
end

--- Search by meaning. Without a query a live prompt opens.
---@param query? string words, a name, a question; may hold filters such as lang:python path:src/ -path:tests "exact"
---@param options? cognate.SearchOptions
function M.search(query, options)
  options = options or {}
  local bufnr = options.bufnr or vim.api.nvim_get_current_buf()
  local context = cursor_in(bufnr)
  local function ask(text, also, on_items)
    return client().request(bufnr, "cognate/search", function(server)
      return { query = text, also = also, limit = options.limit, scope = options.scope, context = context(server) }
    end, function(result, server)
      local items = require("cognate.hits").items(result.hits, server.offset_encoding, text)
      on_items(items, result.message or progress(result.index, bufnr))
    end)
  end
  local pickers = require("cognate.pickers")
  local function show(also)
    ask(query, also, function(items, not_ready)
      local title = table.concat(vim.list_extend({ query }, also or {}), " · ")
      pickers.show({ title = title, items = items }, options.picker, not_ready)
    end)
  end
  if not query or vim.trim(query) == "" then
    local function live(text, on_items)
      return ask(text, nil, on_items)
    end
    pickers.show({ title = "Search by meaning", live = live }, options.picker)
  elseif options.rephrase then
    require("cognate.rephrase").wordings(bufnr, query, function(also, why)
      if #also == 0 then
        say("no other wordings: " .. why)
      end
      show(#also > 0 and also or nil)
    end)
  else
    show()
  end
end

local TITLES = {
  tests = "Tests",
  callers = "Callers",
  callees = "Callees",
  siblings = "Siblings",
  docs = "Docs",
  ["changed-with"] = "Changed with",
}

--- Find code related to that under the cursor, or in a range of lines: similar code, or what the kind says.
---@param options? cognate.SearchOptions
function M.related(options)
  options = options or {}
  local bufnr = options.bufnr or vim.api.nvim_get_current_buf()
  local function params_for(server)
    local params = vim.deepcopy(options.params) or vim.lsp.util.make_position_params(0, server.offset_encoding)
    if options.range then
      params.range = {
        start = { line = options.range[1] - 1, character = 0 },
        ["end"] = { line = options.range[2], character = 0 },
      }
      params.position = nil
    end
    return vim.tbl_extend("keep", params, { limit = options.limit, scope = options.scope, kind = options.kind })
  end
  client().request(bufnr, "cognate/related", params_for, function(result, server)
    local items = require("cognate.hits").items(result.hits, server.offset_encoding)
    local source = { title = TITLES[options.kind] or "Related code", items = items }
    require("cognate.pickers").show(source, options.picker, result.message or progress(result.index, bufnr))
  end)
end

--- Find commits by what they did, or, without a query, those that made the definition under the cursor what it is.
---@param query? string
---@param options? cognate.SearchOptions
function M.history(query, options)
  options = options or {}
  local bufnr = options.bufnr or vim.api.nvim_get_current_buf()
  local asks_here = not query or vim.trim(query) == ""
  client().request(bufnr, "cognate/history", function(server)
    local place = asks_here and vim.lsp.util.make_position_params(0, server.offset_encoding)
    return vim.tbl_extend("keep", place or { query = query }, { limit = options.limit })
  end, function(result)
    local items = require("cognate.commits").items(result.commits)
    local source = { title = asks_here and "History" or query, items = items, commits = true }
    require("cognate.pickers").show(source, options.picker, result.message or progress(result.index, bufnr))
  end)
end

--- Show the state of the index.
function M.status()
  client().request(0, "cognate/status", {}, function(status)
    local text = ("%s\nModel: %s"):format(status.summary, status.model)
    say(status.message ~= "" and text .. "\n" .. status.message or text)
  end)
end

--- Say whether the current file is indexed, and the rule that decided.
function M.explain()
  local document = { uri = vim.uri_from_bufnr(0) }
  client().request(0, "cognate/explainFile", { textDocument = document }, function(result)
    say(result.summary)
  end)
end

local SWITCHES = {
  reindex = "the project is indexed from the beginning",
  pause = "indexing is paused; :Cognate resume continues it",
  resume = "indexing continues",
}
for name, done in pairs(SWITCHES) do
  M[name] = function()
    client().request(0, "workspace/executeCommand", { command = "cognate." .. name }, function()
      say(done)
    end)
  end
end

--- Open Neovim's LSP log, which holds what the server wrote, at its last line about Cognate.
function M.log()
  vim.cmd.tabedit(vim.fn.fnameescape(vim.lsp.log.get_filename()))
  vim.cmd("normal! G$")
  vim.fn.search("cognate", "bcW")
end

--- A few words for the status line: "cognate", and the state unless it is ready; empty where no server is running.
---@return string
function M.statusline()
  if not package.loaded["cognate.client"] then
    return ""
  end
  local status = client().status()
  if not status then
    return client().get() and "cognate …" or ""
  end
  return vim.trim("cognate " .. status.short:gsub("%%", "%%%%"))
end

return M
