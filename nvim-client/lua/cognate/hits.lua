--- Hits as lists show them, and opening a hit.
local M = {}

--- The definition's name with its container, if the hit is about a definition, and the focus line.
---@param hit cognate.Hit
local function label(hit)
  local line = vim.trim(hit.focusText)
  return hit.symbol and ("%s  %s"):format(hit.symbol.qualified, line) or line
end

--- The wording that found a hit, to stand behind it; empty where that is the query itself.
---@param hit cognate.Hit
---@param query? string
local function found_by(hit, query)
  local other = hit.foundBy and hit.foundBy ~= vim.trim(query or "")
  return other and "  ← " .. hit.foundBy or ""
end

--- Turn hits into items, best first.
---@param hits cognate.Hit[]
---@param encoding string
---@param query? string what was asked
---@return cognate.Item[]
function M.items(hits, encoding, query)
  return vim.tbl_map(function(hit)
    local filename = vim.uri_to_fname(hit.location.uri)
    local start = hit.focusRange.start
    local cell = hit.cell and ("[%d]"):format(hit.cell + 1) or ""
    return {
      filename = filename,
      path = vim.fn.fnamemodify(filename, ":~:.") .. cell,
      -- Lines of a notebook's hit count within its cell, which the file's text does not show.
      lnum = hit.cell and 1 or start.line + 1,
      col = (hit.cell or encoding ~= "utf-8") and 1 or start.character + 1,
      label = label(hit) .. found_by(hit, query),
      score = hit.score,
      hit = hit,
      encoding = encoding,
    }
  end, hits)
end

--- How many more places have the same text, to stand behind the first; empty when there are none.
---@param hit cognate.Hit
local function copies(hit)
  local count = #(hit.copies or {})
  return count == 0 and "" or (" (and %d more place%s)"):format(count, count == 1 and "" or "s")
end

---@param item cognate.Item
function M.line(item)
  if item.commit then
    return ("%.2f  %s  %s"):format(item.score, item.path, item.label)
  end
  local stale = item.hit.stale and " (changed since)" or ""
  return ("%.2f  %s:%d  %s%s%s"):format(item.score, item.path, item.lnum, item.label, copies(item.hit), stale)
end

--- Open a commit, or an item's file at its focus line; the jump list remembers where the user was.
---@param item cognate.Item
---@param split? "split"|"vsplit"|"tab split"
function M.open(item, split)
  if split then
    vim.cmd(split)
  end
  if item.commit then
    return require("cognate.commits").open(item.commit)
  elseif item.hit.cell then
    return vim.cmd.edit(vim.fn.fnameescape(item.filename))
  end
  local location = { uri = item.hit.location.uri, range = item.hit.focusRange }
  if vim.lsp.util.show_document(location, item.encoding, { focus = true }) then
    vim.cmd("normal! zvzz")
  end
end

--- Put items into the quickfix list, or the current window's location list, and show it.
---@param title string
---@param items cognate.Item[]
---@param in_window? boolean
function M.to_list(title, items, in_window)
  local list = {
    title = title,
    items = vim.tbl_map(function(item)
      local text = item.commit and ("%s  %s"):format(item.path, item.label)
        or ("%s  %.2f%s"):format(item.label, item.score, copies(item.hit))
      return { filename = item.filename, lnum = item.lnum, col = item.col, text = text }
    end, items),
  }
  if in_window then
    vim.fn.setloclist(0, {}, " ", list)
    vim.cmd.lopen()
  else
    vim.fn.setqflist({}, " ", list)
    vim.cmd("botright copen")
  end
end

return M
