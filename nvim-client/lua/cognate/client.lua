--- The server's life inside Neovim: where it starts, the requests to it, its last status, and its restart after a
--- crash. Knows the protocol's requests, nothing about windows.
local M = {}

local config = require("cognate.config")

local NAME = "cognate"
local MAX_RESTARTS = 3
local RESTART_WINDOW_S = 180
local START_WAIT_MS = 10000
local SIGTERM = 15
local REQUEST_CANCELLED = -32800

---@type table<integer, {root: string, status?: cognate.Status}> what is known of each running client
local known = {}
---@type table<string, integer[]> when the servers of a root were restarted, in seconds
local restarts = {}

--- Call a client's method; they were plain functions before Neovim 0.11.
function M.call(client, method, ...)
  if vim.fn.has("nvim-0.11") == 1 then
    return client[method](client, ...)
  end
  return client[method](...)
end

---@param folder string
---@param path string
local function holds(folder, path)
  return path == folder or vim.startswith(path, folder:gsub("/*$", "/"))
end

--- Whether a folder may be indexed without being asked for: not the home folder, nor one above it.
local function is_project(folder)
  local home = vim.fs.normalize(vim.uv.os_homedir() or "/")
  return not holds(folder, home) and folder ~= vim.fs.normalize(vim.uv.os_tmpdir())
end

--- The folder that a buffer's server works in; nil for buffers that are no files of a project.
---@param bufnr integer
---@return string?
function M.root(bufnr)
  local name = vim.api.nvim_buf_get_name(bufnr)
  if name == "" or vim.bo[bufnr].buftype ~= "" or name:find("^%a[%w+.-]+://") or name:find("/.git/", 1, true) then
    return nil
  end
  name = vim.fs.normalize(name)
  local groups = config.options.root_markers
  local repository = vim.fs.root(name, groups[1] or {})
  if repository and is_project(repository) then
    return repository
  end
  for _, client in pairs(known) do
    if holds(client.root, name) then
      return client.root
    end
  end
  -- A jump into a library outside must not set another server to work.
  if next(known) and not holds(vim.fs.normalize(vim.fn.getcwd()), name) then
    return nil
  end
  for index = 2, #groups do
    local root = vim.fs.root(name, groups[index])
    if root and is_project(root) then
      return root
    end
  end
  local folder = vim.fs.dirname(name)
  return is_project(folder) and vim.fn.isdirectory(folder) == 1 and folder or nil
end

--- The program that is run, which vim.lsp.config() may have changed; nil if that is a function.
---@return string?
function M.program()
  local set = vim.lsp.config and vim.lsp.config[NAME] or config.options
  return type(set.cmd) == "table" and set.cmd[1] or nil
end

local function is_installed()
  local program = M.program()
  return program == nil or vim.fn.executable(program) == 1
end

---@param status cognate.Status
local function take_status(client_id, status)
  if known[client_id] then
    known[client_id].status = status
    vim.api.nvim_exec_autocmds("User", { pattern = "CognateStatus", data = status, modeline = false })
    vim.cmd.redrawstatus()
  end
end

--- Start the server again for every open file of a root, unless it keeps ending.
local function revive(root)
  local now = os.time()
  local recent = vim.tbl_filter(function(time)
    return now - time < RESTART_WINDOW_S
  end, restarts[root] or {})
  restarts[root] = recent
  if #recent >= MAX_RESTARTS then
    vim.notify(
      ("cognate: the server ended %d times within three minutes and is not started again; see :Cognate log"):format(
        #recent + 1
      ),
      vim.log.levels.ERROR
    )
    return
  end
  table.insert(recent, now)
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(bufnr) and M.root(bufnr) == root then
      M.start(bufnr)
    end
  end
end

--- The table for vim.lsp.config and vim.lsp.start; lsp/cognate.lua returns it.
---@return table
function M.lsp_config()
  return {
    name = NAME,
    cmd = config.options.cmd,
    settings = { [NAME] = config.options.settings },
    root_dir = function(bufnr, start_in)
      local root = config.options.autostart and M.root(bufnr)
      if root and is_installed() then
        start_in(root)
      end
    end,
    on_init = function(client)
      known[client.id] = { root = client.root_dir or client.config.root_dir }
    end,
    on_exit = vim.schedule_wrap(function(code, signal, client_id)
      local gone = known[client_id]
      known[client_id] = nil
      -- Code 0 and SIGTERM mean that somebody wanted it to end.
      local crashed = code ~= 0 or (signal ~= 0 and signal ~= SIGTERM)
      if gone and crashed and vim.v.exiting == vim.NIL then
        revive(gone.root)
      end
    end),
    handlers = vim.tbl_extend("force", {
      ["cognate/didChangeStatus"] = function(_, status, context)
        take_status(context.client_id, status)
      end,
    }, vim.fn.has("nvim-0.11") == 0 and { ["textDocument/hover"] = require("cognate.hover").handler } or {}),
    commands = {
      ["cognate.related"] = function(command, context)
        require("cognate").related({ params = command.arguments[1], bufnr = context.bufnr })
      end,
    },
  }
end

---@param root string
---@param bufnr? integer attached too, if given
local function start_in(root, bufnr)
  local options = vim.lsp.config and vim.deepcopy(vim.lsp.config[NAME]) or M.lsp_config()
  options.root_dir = root
  if bufnr then
    -- A server that just died is still on Neovim's list for a moment.
    local function reuse(client, wanted)
      return client.name == NAME and client.config.root_dir == wanted.root_dir and not M.call(client, "is_stopped")
    end
    vim.lsp.start(options, { bufnr = bufnr, reuse_client = reuse })
  elseif vim.fn.has("nvim-0.11") == 1 then
    vim.lsp.start(options, { attach = false })
  else
    vim.lsp.start_client(options)
  end
end

--- Start the server for a buffer, or attach the buffer to the one that runs already.
---@param bufnr integer
function M.start(bufnr)
  M.lsp_config().root_dir(bufnr, function(root)
    start_in(root, bufnr)
  end)
end

--- The client of a buffer; for a buffer without one, that of the current folder or else any.
---@param bufnr? integer
---@return vim.lsp.Client?
function M.get(bufnr)
  local attached = vim.lsp.get_clients({ name = NAME, bufnr = bufnr or 0 })[1]
  if attached then
    return attached
  end
  local all = vim.lsp.get_clients({ name = NAME })
  local here = vim.fs.normalize(vim.fn.getcwd())
  for _, client in ipairs(all) do
    if known[client.id] and holds(known[client.id].root, here) then
      return client
    end
  end
  return all[1]
end

--- Call back with a buffer's client, started for the current folder if none runs.
---@param bufnr integer
---@param callback fun(client?: vim.lsp.Client, why_not?: string)
local function when_ready(bufnr, callback)
  local client = M.get(bufnr)
  if client then
    return callback(client)
  end
  local here = vim.fs.normalize(vim.fn.getcwd())
  local root = M.root(bufnr) or vim.fs.root(here, config.options.root_markers[1] or {}) or here
  if not is_installed() then
    return callback(nil, ("there is no program %q"):format(M.program()))
  elseif not is_project(root) then
    return callback(nil, root .. " is not a project")
  end
  start_in(root, M.root(bufnr) and bufnr or nil)
  local began = vim.uv.now()
  local timer = assert(vim.uv.new_timer())
  timer:start(
    20,
    20,
    vim.schedule_wrap(function()
      client = M.get(bufnr)
      if not timer:is_closing() and (client or vim.uv.now() - began > START_WAIT_MS) then
        timer:close()
        callback(client, "the server did not start")
      end
    end)
  )
end

--- Send a request. Errors go to on_failure or are shown, except that of a cancelled request.
---@param bufnr integer the buffer whose server is asked
---@param method string
---@param params table|fun(client: vim.lsp.Client): table
---@param on_result fun(result: any, client: vim.lsp.Client)
---@param on_failure? fun(nothing: nil, why: string)
---@return fun() cancel neither is called afterwards
function M.request(bufnr, method, params, on_result, on_failure)
  local cancelled, sent_to, request_id = false, nil, nil
  local function fail(message)
    if on_failure then
      return on_failure(nil, message)
    end
    vim.notify("cognate: " .. message, vim.log.levels.WARN)
  end
  when_ready(bufnr, function(client, why_not)
    if cancelled then
      return
    elseif not client then
      return fail(("%s; see :checkhealth cognate"):format(why_not))
    end
    sent_to = client
    local asked = type(params) == "function" and params(client) or params
    local _, id = M.call(client, "request", method, asked, function(failure, result)
      request_id = nil
      if cancelled then
        return
      elseif failure then
        if failure.code ~= REQUEST_CANCELLED then
          fail(failure.message)
        end
      else
        on_result(result, client)
      end
    end, bufnr)
    request_id = id
  end)
  return function()
    cancelled = true
    if request_id then
      M.call(sent_to, "cancel_request", request_id)
    end
  end
end

--- The last status of a buffer's server, or of the one for the current folder.
---@param bufnr? integer
---@return cognate.Status?
function M.status(bufnr)
  local client = M.get(bufnr)
  return client and known[client.id] and known[client.id].status
end

return M
