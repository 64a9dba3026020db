--- Chooses where results are shown. A picker is a function that takes a cognate.Source.
local M = {}

local hits = require("cognate.hits")

M.names = { "auto", "telescope", "fzf-lua", "snacks", "builtin", "select", "quickfix", "loclist" }

--- Plugins by the name of their module. snacks comes last: many have it for other things than its picker.
local PLUGINS = { "telescope", "fzf-lua", "snacks" }

--- Whether a plugin has replaced Neovim's list of choices with its own.
local function select_is_replaced()
  local source = debug.getinfo(vim.ui.select, "S").source
  return not vim.endswith(source, "vim/ui.lua")
end

---@param source cognate.Source
---@return string
local function automatic(source)
  for _, name in ipairs(PLUGINS) do
    if pcall(require, name) then
      return name
    end
  end
  return source.items and select_is_replaced() and "select" or "builtin"
end

--- For a picker that shows only finished lists: ask for the query first.
local function finished(show)
  return function(source)
    if source.items then
      return show(source)
    end
    vim.ui.input({ prompt = source.title .. ": " }, function(query)
      if query and vim.trim(query) ~= "" then
        source.live(query, function(items)
          show({ title = query, items = items })
        end)
      end
    end)
  end
end

local own = {
  select = finished(function(source)
    local shown = { prompt = source.title, kind = "cognate", format_item = hits.line }
    vim.ui.select(source.items, shown, function(item)
      if item then
        hits.open(item)
      end
    end)
  end),
  quickfix = finished(function(source)
    hits.to_list(source.title, source.items)
  end),
  loclist = finished(function(source)
    hits.to_list(source.title, source.items, true)
  end),
}

--- Show a source. A finished list without items is only a message.
---@param source cognate.Source
---@param name? cognate.PickerName
---@param notice? string what is wrong with the filters, or how far the index is, unless it is ready
function M.show(source, name, notice)
  name = name or require("cognate.config").options.picker
  if not vim.list_contains(M.names, name) then
    local known = table.concat(M.names, ", ")
    return vim.notify(("cognate: there is no picker %q; known are %s"):format(name, known), vim.log.levels.ERROR)
  elseif source.items and #source.items == 0 then
    local because = notice and ("\n" .. notice) or ""
    return vim.notify(("cognate: nothing found: %s%s"):format(source.title, because))
  end
  name = name == "auto" and automatic(source) or name
  if source.commits and not own[name] then
    name = "builtin" -- The plugins' pickers preview files.
  end
  local open = own[name] or require("cognate.pickers." .. name:gsub("-", "_"))
  open(source)
end

return M
