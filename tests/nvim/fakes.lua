-- Stand-ins for picker plugins: only the calls that their documentation gives to other plugins, and a user inside them.
local fakes = {}

local function preload(modules)
  for name, module in pairs(modules) do
    package.loaded[name] = module
  end
end

--- Telescope: pickers.new(opts, defaults):find(); a dynamic finder's fn runs in a coroutine for each prompt.
function fakes.telescope()
  local user = {}
  local function oneshot()
    local value, waiting, sent
    local function send(...)
      assert(not sent, "a oneshot channel can only send once")
      sent, value = true, { ... }
      if waiting then
        coroutine.resume(waiting)
      end
    end
    local function receive()
      if not sent then
        waiting = coroutine.running()
        coroutine.yield()
      end
      return unpack(value)
    end
    return send, receive
  end
  preload({
    telescope = {},
    ["plenary.async.control"] = { channel = { oneshot = oneshot } },
    ["telescope.actions"] = { to_fuzzy_refine = function() end },
    ["telescope.sorters"] = {
      highlighter_only = function()
        return "highlighter only"
      end,
    },
    ["telescope.config"] = {
      values = {
        grep_previewer = function()
          return "grep previewer"
        end,
        generic_sorter = function()
          return "generic sorter"
        end,
      },
    },
    ["telescope.finders"] = {
      new_table = function(options)
        return { table = vim.tbl_map(options.entry_maker, options.results) }
      end,
      new_dynamic = function(options)
        return { dynamic = options }
      end,
    },
    ["telescope.pickers"] = {
      new = function(_, picker)
        return {
          find = function()
            user.picker = picker
            picker.attach_mappings(0, function() end)
            user.entries = picker.finder.table
          end,
        }
      end,
    },
  })
  function user.type(query)
    coroutine.wrap(function()
      local options = user.picker.finder.dynamic
      local results = options.fn(query)
      if query == user.wanted then
        user.entries = vim.tbl_map(options.entry_maker, results)
      end
    end)()
  end
  return user
end

--- fzf-lua: fzf_live(contents, opts) with contents(args) -> function(write); write() without a line ends the list.
function fakes.fzf_lua()
  local user = {}
  preload({
    ["fzf-lua"] = {
      actions = { file_edit_or_qf = 1, file_split = 2, file_vsplit = 3, file_tabedit = 4, file_sel_to_qf = 5 },
      fzf_exec = function(lines, options)
        user.lines, user.options = lines, options
      end,
      fzf_live = function(contents, options)
        user.contents, user.options = contents, options
      end,
    },
  })
  function user.type(query)
    local lines = {}
    user.contents({ query })(function(line)
      if line then
        table.insert(lines, line)
      elseif query == user.wanted then
        user.lines = lines
      end
    end)
  end
  return user
end

--- snacks.picker: pick(opts); a finder gets ctx.filter.search and ctx.async, and returns a function that adds items.
function fakes.snacks()
  local user = {}
  preload({
    snacks = {
      picker = {
        pick = function(options)
          user.options, user.items = options, options.items
        end,
      },
    },
  })
  function user.type(query)
    if user.abort then
      user.abort()
    end
    local async, thread = {}, nil
    function async.on(_, event, callback)
      assert(event == "abort")
      user.abort = callback
    end
    function async.suspend()
      coroutine.yield()
    end
    function async.resume()
      coroutine.resume(thread)
    end
    thread = coroutine.create(function()
      local found = user.options.finder(user.options, { filter = { search = query }, async = async })
      local items = {}
      if type(found) == "function" then
        found(function(item)
          table.insert(items, item)
        end)
      end
      if query == user.wanted then
        user.items = items
      end
    end)
    assert(coroutine.resume(thread))
  end
  return user
end

return fakes
