--- Results in fzf-lua: lines as `path:line:column: label`, which its previewer and its actions read.

---@param item cognate.Item
local function line(item)
  local path = vim.fn.fnamemodify(item.filename, ":.")
  return ("%s:%d:%d: %s  %.2f"):format(path, item.lnum, item.col, item.label, item.score)
end

---@param source cognate.Source
return function(source)
  local fzf = require("fzf-lua")
  local options = {
    prompt = source.title .. "> ",
    previewer = "builtin",
    actions = {
      ["enter"] = fzf.actions.file_edit_or_qf,
      ["ctrl-s"] = fzf.actions.file_split,
      ["ctrl-v"] = fzf.actions.file_vsplit,
      ["ctrl-t"] = fzf.actions.file_tabedit,
      ["alt-q"] = fzf.actions.file_sel_to_qf,
    },
    fzf_opts = { ["--multi"] = true, ["--no-sort"] = true },
    -- The answers come through callbacks; fzf-lua's coroutine around them is not needed.
    func_async_callback = false,
  }
  if source.items then
    return fzf.fzf_exec(vim.tbl_map(line, source.items), options)
  end
  local cancel = function() end
  fzf.fzf_live(function(given)
    -- A table in newer versions, a string before.
    local query = type(given) == "table" and given[1] or given
    return function(write)
      cancel()
      if vim.trim(query or "") == "" then
        return write()
      end
      cancel = source.live(query, function(items)
        for _, item in ipairs(items) do
          write(line(item))
        end
        write()
      end)
    end
  end, options)
end
