--- :Cognate and its completion.
local M = {}

local PICKER = "++picker="
local KINDS = { related = "similar", tests = "tests", callers = "callers" }

---@type {name: string, argument?: string, help: string}[] in the order of the help page
M.commands = {
  { name = "search", argument = "[query]", help = "Search by meaning; without a query, as you type." },
  { name = "related", help = "Find code similar to that under the cursor, or in the range of lines." },
  { name = "tests", help = "Find the tests of the definition under the cursor." },
  { name = "callers", help = "Find what uses the definition under the cursor." },
  {
    name = "history",
    argument = "[query]",
    help = "Find commits by what they did; without a query, those that made the definition under the cursor.",
  },
  { name = "status", help = "Show the state of the index." },
  { name = "explain", help = "Say whether the current file is indexed, and which rule decided." },
  { name = "reindex", help = "Index the project from the beginning." },
  { name = "pause", help = "Stop indexing; searches still answer from what is indexed." },
  { name = "resume", help = "Continue indexing." },
  { name = "log", help = "Open Neovim's LSP log, which holds what the server wrote." },
}

local function names()
  return vim.tbl_map(function(command)
    return command.name
  end, M.commands)
end

---@param arguments table what nvim_create_user_command hands over
function M.run(arguments)
  local name, rest = arguments.args:match("^%s*(%S*)%s*(.-)%s*$")
  if arguments.bang and name ~= "search" then
    name, rest = "search", vim.trim(arguments.args)
  end
  name = name == "" and "search" or name
  if not vim.list_contains(names(), name) then
    local known = table.concat(names(), ", ")
    return vim.notify(("cognate: there is no :Cognate %s; known are %s"):format(name, known), vim.log.levels.ERROR)
  end
  local picker
  rest = rest:gsub("^%+%+picker=(%S+)%s*", function(wanted)
    picker = wanted
    return ""
  end)
  local cognate = require("cognate")
  if name == "search" then
    cognate.search(rest, { picker = picker, rephrase = arguments.bang })
  elseif name == "history" then
    cognate.history(rest, { picker = picker })
  elseif KINDS[name] then
    local range = arguments.range > 0 and { arguments.line1, arguments.line2 } or nil
    cognate.related({ picker = picker, range = range, kind = KINDS[name] })
  else
    cognate[name]()
  end
end

---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local name = line:find("Cognate!") and "search" or line:match("Cognate%s+(%S+)%s")
  local choices = {}
  if not name then
    choices = names()
  elseif name == "search" or name == "history" or KINDS[name] then
    choices = vim.tbl_map(function(picker)
      return PICKER .. picker
    end, require("cognate.pickers").names)
  end
  return vim.tbl_filter(function(choice)
    return vim.startswith(choice, lead)
  end, choices)
end

return M
