--- Every option, once: the help page is made from this table, and setup() takes nothing that is not in it.
local M = {}

---@class cognate.Options
---@field cmd? string[]
---@field autostart? boolean
---@field root_markers? string[][]
---@field settings? table<string, any>
---@field picker? cognate.PickerName
---@field debounce_ms? integer
---@field rephrase? cognate.Rephrase

---@alias cognate.PickerName "auto"|"telescope"|"fzf-lua"|"snacks"|"builtin"|"select"|"quickfix"|"loclist"

--- defaults begin
local defaults = {
  -- The server: a program, on PATH or with its folder, and its arguments.
  cmd = { "cognate", "serve" },

  -- Start the server when a file is opened.
  autostart = true,

  -- What marks the root of a project, one group after the other. Without
  -- any, the root is the file's folder, unless that is the home folder, one
  -- above it, or the folder for temporary files.
  root_markers = {
    { ".git", ".hg", ".jj", ".svn", ".cognateignore" },
    { "pyproject.toml", "package.json", "Cargo.toml", "go.mod", "pom.xml" },
  },

  -- Settings of the server, such as { codeLens = { enabled = true } }.
  settings = {},

  -- Where results are shown: "auto", "telescope", "fzf-lua", "snacks",
  -- "builtin", "select" (vim.ui.select), "quickfix" or "loclist". "auto" takes
  -- the first of Telescope, fzf-lua and snacks that is installed; else
  -- "select" for finished lists if a plugin has replaced vim.ui.select; else
  -- "builtin".
  picker = "auto",

  -- How long typing must rest before the built-in picker asks the server,
  -- in milliseconds.
  debounce_ms = 50,

  -- Where other wordings of a question come from, for `:Cognate!`: calls
  -- done() with a list of texts, with a chat model's whole reply, or with nil
  -- and the reason. `prompt` has the texts `system` and `user` for a chat
  -- model. May return a function that ends it when 10 seconds are over. By
  -- default the server asks the chat model of its setting `rephraseEndpoint`.
  rephrase = function(query, done, _prompt)
    return require("cognate.rephrase").from_server(query, done)
  end,
}
--- defaults end

M.defaults = defaults

---@type cognate.Options
M.options = vim.deepcopy(defaults)

--- Take the user's options. An unknown name or a value of the wrong type is an error.
---@param given? cognate.Options
function M.set(given)
  for name, value in pairs(given or {}) do
    local default = defaults[name]
    if default == nil then
      error(("cognate: there is no option %q; known are %s"):format(name, table.concat(M.names(), ", ")), 0)
    elseif type(value) ~= type(default) then
      error(("cognate: option %q must be a %s, not a %s"):format(name, type(default), type(value)), 0)
    end
  end
  M.options = vim.tbl_extend("force", vim.deepcopy(defaults), given or {})
end

---@return string[]
function M.names()
  local names = vim.tbl_keys(defaults)
  table.sort(names)
  return names
end

return M
