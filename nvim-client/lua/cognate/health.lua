--- :checkhealth cognate: the server, its model, the index and its times, the versions and who watches the files.
local M = {}

local WAIT_MS = 20000

--- Run the server's program and return what it prints.
local function run(...)
  local program = require("cognate.client").program() or "cognate"
  local started, result = pcall(function(...)
    return vim.system({ program, ... }, { text = true, timeout = WAIT_MS }):wait()
  end, ...)
  return started and result or { code = -1, stdout = "", stderr = tostring(result) }
end

local function minor(version)
  return version:match("^%d+%.%d+")
end

local function check_server()
  vim.health.start("cognate: server")
  local program = require("cognate.client").program() or "cognate"
  if vim.fn.executable(program) == 0 then
    vim.health.error(("there is no program %q"):format(program), {
      "Install the server: pip install . in a checkout of Cognate",
      'Or name it: require("cognate").setup({ cmd = { "/path/to/cognate", "serve" } })',
    })
    return false
  end
  local answer = run("--version")
  local version = answer.stdout:match("cognate%s+(%S+)")
  local wanted = require("cognate").version
  if answer.code ~= 0 or not version then
    vim.health.error(("%s --version failed: %s"):format(program, vim.trim(answer.stderr)))
    return false
  elseif minor(version) ~= minor(wanted) then
    vim.health.warn(("server %s, plugin %s: install the same version of both"):format(version, wanted))
  else
    vim.health.ok(("%s %s at %s"):format(program, version, vim.fn.exepath(program)))
  end
  return true
end

local function check_model()
  vim.health.start("cognate: model and libraries")
  local answer = run("doctor", "--json")
  local decoded, report = pcall(vim.json.decode, answer.stdout)
  if not decoded then
    return vim.health.error("cognate doctor failed: " .. vim.trim(answer.stderr))
  end
  for _, check in ipairs(report.checks) do
    vim.health[check.ok and "ok" or "error"](("%s: %s"):format(check.name, check.detail))
  end
end

---@param client vim.lsp.Client
local function ask_status(client)
  local found
  require("cognate.client").call(client, "request", "cognate/status", {}, function(failure, status)
    found = status or { problem = failure.message }
  end)
  vim.wait(WAIT_MS, function()
    return found ~= nil
  end, 10)
  return found or { problem = "the server does not answer" }
end

local function check_index()
  vim.health.start("cognate: index and watcher")
  local clients = vim.lsp.get_clients({ name = "cognate" })
  if #clients == 0 then
    return vim.health.warn("no server is running", { "Open a file of a project, then look here again." })
  end
  for _, client in ipairs(clients) do
    local status = ask_status(client)
    local root = client.config.root_dir
    if status.problem then
      vim.health.error(("%s: %s"):format(root, status.problem))
    else
      local report = (status.message ~= "" or status.state == "error") and vim.health.warn or vim.health.ok
      local about = "%s: %s (%d files, model %s) %s"
      report(vim.trim(about:format(root, status.summary, status.files, status.model, status.message)))
      if status.files == 0 and status.state == "ready" then
        vim.health.warn("no file is indexed: :Cognate explain says why one is left out")
      end
      for _, folder in ipairs(status.folders) do
        for _, name in ipairs(vim.fn.sort(vim.tbl_keys(folder.details))) do
          vim.health.info(("%s: %s"):format(name, folder.details[name]))
        end
      end
    end
    local watched = vim.tbl_get(client.config, "capabilities", "workspace", "didChangeWatchedFiles") or {}
    vim.health.info(watched.dynamicRegistration and "Neovim watches the files" or "the server watches the files")
  end
end

function M.check()
  vim.health.start("cognate: Neovim")
  local version = tostring(vim.version())
  if vim.fn.has("nvim-0.10") == 1 then
    vim.health.ok("Neovim " .. version)
  else
    vim.health.error("Neovim 0.10 or newer is needed, this is " .. version)
  end
  if check_server() then
    check_model()
    check_index()
  end
end

return M
