--- Results in Telescope: live search with its previewer, refining with <C-space>, its own keys.
local hits = require("cognate.hits")

---@param item cognate.Item
local function entry(item)
  local line = hits.line(item)
  return { value = item, ordinal = line, display = line, filename = item.filename, lnum = item.lnum, col = item.col }
end

--- The live finder runs in a coroutine of Telescope's and waits there for the answer.
---@param source cognate.Source
local function asking(source)
  local oneshot = require("plenary.async.control").channel.oneshot
  local cancel, unblock = function() end, function() end
  return function(query)
    cancel()
    unblock({})
    if vim.trim(query or "") == "" then
      return {}
    end
    local send, receive = oneshot()
    local sent = false
    unblock = function(items)
      if not sent then
        sent = true
        send(items)
      end
    end
    cancel = source.live(query, unblock)
    return receive()
  end
end

---@param source cognate.Source
return function(source)
  local finders = require("telescope.finders")
  local values = require("telescope.config").values
  local finder = source.items and finders.new_table({ results = source.items, entry_maker = entry })
    or finders.new_dynamic({ fn = asking(source), entry_maker = entry })
  require("telescope.pickers")
    .new({}, {
      prompt_title = source.title,
      finder = finder,
      previewer = values.grep_previewer({}),
      sorter = source.items and values.generic_sorter({}) or require("telescope.sorters").highlighter_only({}),
      attach_mappings = function(_, map)
        map("i", "<C-space>", require("telescope.actions").to_fuzzy_refine)
        return true
      end,
    })
    :find()
end
