--- The picker that needs no plugin: a prompt, a list and a preview. Typing asks the server anew, or filters a finished
--- list; each keystroke cancels the request before it.
local hits = require("cognate.hits")

local NAMESPACE = vim.api.nvim_create_namespace("cognate")
local SIDE_BY_SIDE_COLUMNS = 110

local function scratch()
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.bo[buffer].bufhidden = "wipe"
  return buffer
end

--- Position and size of the three windows, borders included, for the size of the screen.
local function layout()
  local width = math.min(vim.o.columns - 4, 160)
  local height = math.max(12, math.floor(vim.o.lines * 0.8))
  local row, column = math.floor((vim.o.lines - height) / 2), math.floor((vim.o.columns - width) / 2)
  local function box(top, left, columns, lines)
    return {
      relative = "editor",
      style = "minimal",
      border = "rounded",
      row = row + top,
      col = column + left,
      width = columns - 2,
      height = lines - 2,
    }
  end
  if vim.o.columns >= SIDE_BY_SIDE_COLUMNS then
    local half = math.floor(width / 2)
    return box(0, 0, half, 3), box(3, 0, half, height - 3), box(0, half, width - half, height)
  end
  local rows = math.floor((height - 3) / 2)
  return box(0, 0, width, 3), box(3, 0, width, rows), box(3 + rows, 0, width, height - 3 - rows)
end

--- Fill the preview with a commit, or with an item's file as the editor has it, its focus line in the middle.
local function preview(window, buffer, item)
  local shown = item.commit and item.commit.id or item.filename
  if vim.b[buffer].shown ~= shown then
    local loaded = vim.fn.bufnr("^" .. vim.fn.escape(item.filename, "\\[]*?{},^$") .. "$")
    local lines
    if item.commit then
      lines = require("cognate.commits").text(item.commit)
    elseif loaded > 0 and vim.api.nvim_buf_is_loaded(loaded) then
      lines = vim.api.nvim_buf_get_lines(loaded, 0, -1, false)
    else
      local readable, read = pcall(vim.fn.readfile, item.filename)
      lines = readable and read or { "The file is gone." }
    end
    vim.api.nvim_buf_set_lines(
      buffer,
      0,
      -1,
      false,
      vim.tbl_map(function(line)
        return (line:gsub("[\n\r]", ""))
      end, lines)
    )
    local filetype = item.commit and "git" or vim.filetype.match({ filename = item.filename, buf = buffer }) or ""
    local language = vim.treesitter.language.get_lang(filetype) or filetype
    vim.treesitter.stop(buffer)
    if filetype == "" or not pcall(vim.treesitter.start, buffer, language) then
      vim.bo[buffer].syntax = filetype
    end
    vim.b[buffer].shown = shown
  end
  vim.api.nvim_buf_clear_namespace(buffer, NAMESPACE, 0, -1)
  local line = item.commit and 1 or math.min(item.lnum, vim.api.nvim_buf_line_count(buffer))
  vim.api.nvim_buf_set_extmark(buffer, NAMESPACE, line - 1, 0, { line_hl_group = "Visual" })
  vim.api.nvim_win_set_cursor(window, { line, 0 })
  vim.api.nvim_win_call(window, function()
    vim.cmd("normal! zz")
  end)
end

---@param source cognate.Source
return function(source)
  local prompt_box, list_box, preview_box = layout()
  local origin = vim.api.nvim_get_current_win()
  local prompt, list, shown = scratch(), scratch(), scratch()
  local list_window = vim.api.nvim_open_win(list, false, list_box)
  local preview_window = vim.api.nvim_open_win(shown, false, preview_box)
  prompt_box.title = " " .. source.title .. " "
  local prompt_window = vim.api.nvim_open_win(prompt, true, prompt_box)
  vim.wo[list_window].cursorline = true
  vim.wo[list_window].wrap = false
  vim.wo[preview_window].wrap = false
  vim.wo[preview_window].number = true
  vim.bo[prompt].filetype = "cognate"
  vim.b[prompt].completion = false

  local items = source.items or {} ---@type cognate.Item[]
  local cancel = function() end
  local closed, asked = false, 0

  local function close()
    if closed then
      return
    end
    closed = true
    cancel()
    vim.cmd.stopinsert()
    for _, window in ipairs({ prompt_window, list_window, preview_window }) do
      if vim.api.nvim_win_is_valid(window) then
        vim.api.nvim_win_close(window, true)
      end
    end
    if vim.api.nvim_win_is_valid(origin) then
      vim.api.nvim_set_current_win(origin)
    end
  end

  local function select(row)
    row = math.max(1, math.min(row, #items))
    if items[row] then
      vim.api.nvim_win_set_cursor(list_window, { row, 0 })
      preview(preview_window, shown, items[row])
    end
  end

  ---@param state string what the list is, below it
  local function fill(state)
    vim.api.nvim_buf_set_lines(list, 0, -1, false, vim.tbl_map(hits.line, items))
    vim.api.nvim_buf_clear_namespace(list, NAMESPACE, 0, -1)
    for row, item in ipairs(items) do
      vim.api.nvim_buf_set_extmark(list, NAMESPACE, row - 1, 0, { end_col = 4, hl_group = "Number" })
      vim.api.nvim_buf_set_extmark(list, NAMESPACE, row - 1, 6, { end_col = 6 + #item.path, hl_group = "Directory" })
    end
    vim.api.nvim_win_set_config(list_window, { footer = " " .. state .. " ", footer_pos = "right" })
    if #items == 0 then
      vim.b[shown].shown = nil
      vim.api.nvim_buf_set_lines(shown, 0, -1, false, {})
    end
    select(1)
  end

  local function ask()
    local query = vim.trim(vim.api.nvim_buf_get_lines(prompt, 0, 1, false)[1] or "")
    cancel()
    asked = asked + 1
    if source.items then
      items = query == "" and source.items or vim.fn.matchfuzzy(source.items, query, { text_cb = hits.line })
      return fill(("%d of %d"):format(#items, #source.items))
    elseif query == "" then
      items = {}
      return fill("type a question or a name")
    end
    local turn = asked
    vim.defer_fn(function()
      if closed or turn ~= asked then
        return
      end
      cancel = source.live(query, function(found, notice)
        if not closed and turn == asked then
          items = found
          fill(notice or #found .. " found")
        end
      end)
    end, require("cognate.config").options.debounce_ms)
  end

  local function current()
    return items[vim.api.nvim_win_get_cursor(list_window)[1]]
  end

  local function move(by)
    return function()
      local row = vim.api.nvim_win_get_cursor(list_window)[1]
      select((row - 1 + by) % math.max(#items, 1) + 1)
    end
  end

  local function open(split)
    return function()
      local item = current()
      if item then
        close()
        hits.open(item, split)
      end
    end
  end

  local keys = {
    ["<CR>"] = open(),
    ["<C-x>"] = open("split"),
    ["<C-v>"] = open("vsplit"),
    ["<C-t>"] = open("tab split"),
    ["<C-n>"] = move(1),
    ["<C-p>"] = move(-1),
    ["<Down>"] = move(1),
    ["<Up>"] = move(-1),
    ["<C-q>"] = function()
      local title, found = vim.trim(vim.api.nvim_get_current_line()), items
      close()
      hits.to_list(title ~= "" and title or source.title, found)
    end,
    ["<Esc>"] = close,
    ["<C-c>"] = close,
  }
  for key, action in pairs(keys) do
    vim.keymap.set({ "i", "n" }, key, action, { buffer = prompt, nowait = true })
  end
  local group = vim.api.nvim_create_augroup("cognate-picker", {})
  vim.api.nvim_create_autocmd({ "TextChangedI", "TextChanged" }, { group = group, buffer = prompt, callback = ask })
  vim.api.nvim_create_autocmd("WinLeave", { group = group, buffer = prompt, callback = vim.schedule_wrap(close) })
  ask()
  vim.cmd.startinsert()
end
