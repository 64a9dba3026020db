--- Results in snacks.picker: live search with preview, its own keys; <C-g> turns live search into filtering.

---@param item cognate.Item
local function entry(item)
  return {
    text = require("cognate.hits").line(item),
    file = item.filename,
    pos = { item.lnum, item.col - 1 },
    line = ("%s  %.2f"):format(item.label, item.score),
  }
end

---@param source cognate.Source
return function(source)
  local options = { title = source.title, format = "file", preview = "file" }
  if source.items then
    options.items = vim.tbl_map(entry, source.items)
  else
    options.live = true
    options.finder = function(_, context)
      local query = context.filter.search
      if vim.trim(query or "") == "" then
        return {}
      end
      return function(add)
        local running = context.async
        local cancel = function() end
        running:on(
          "abort",
          vim.schedule_wrap(function()
            cancel()
          end)
        )
        vim.schedule(function()
          cancel = source.live(query, function(items)
            for _, item in ipairs(items) do
              add(entry(item))
            end
            running:resume()
          end)
        end)
        running:suspend()
      end
    end
  end
  require("snacks").picker.pick(options)
end
