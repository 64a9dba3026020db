--- Hover on Neovim 0.10, where each server's answer would open a window of its own and an empty one would raise a
--- message: adds similar code below what other servers say. Newer versions join the answers themselves.
local M = {}

local POLL_MS = 20

--- Whether another server still owes an answer about a buffer.
local function others_pending(bufnr, client_id)
  for _, client in ipairs(vim.lsp.get_clients({ bufnr = bufnr })) do
    for _, request in pairs(client.id ~= client_id and client.requests or {}) do
      if request.type == "pending" and request.method == "textDocument/hover" then
        return true
      end
    end
  end
  return false
end

local function show(lines, context)
  local window = vim.b[context.bufnr].lsp_floating_preview
  if not (window and vim.api.nvim_win_is_valid(window)) then
    vim.lsp.util.open_floating_preview(lines, "markdown", { focus_id = "textDocument/hover" })
    window = vim.b[context.bufnr].lsp_floating_preview
    vim.w[window].cognate = true
  elseif not vim.w[window].cognate then
    vim.w[window].cognate = true
    local buffer = vim.api.nvim_win_get_buf(window)
    vim.bo[buffer].modifiable = true
    vim.api.nvim_buf_set_lines(buffer, -1, -1, false, vim.list_extend({ "", "---" }, lines))
    vim.bo[buffer].modifiable = false
    local width = math.max(vim.api.nvim_win_get_width(window), unpack(vim.tbl_map(vim.fn.strdisplaywidth, lines)))
    vim.api.nvim_win_set_width(window, math.min(width, vim.o.columns - 4))
    vim.api.nvim_win_set_height(window, math.min(vim.api.nvim_buf_line_count(buffer), math.floor(vim.o.lines / 2)))
  end
end

---@type lsp.Handler
function M.handler(_, result, context)
  if not (result and result.contents) then
    return
  end
  local lines = vim.lsp.util.convert_input_to_markdown_lines(result.contents)
  local function show_when_last()
    if vim.api.nvim_get_current_buf() ~= context.bufnr then
      return
    elseif others_pending(context.bufnr, context.client_id) then
      return vim.defer_fn(show_when_last, POLL_MS)
    end
    -- The other answers have come; their handlers run before the next tick.
    vim.defer_fn(function()
      show(lines, context)
    end, 1)
  end
  show_when_last()
end

return M
