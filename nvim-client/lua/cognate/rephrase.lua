--- Other wordings of a question, from the option `rephrase`, read by the server as strictly as a chat model's reply.
local M = {}

--- How long a hook may take, in milliseconds; the server gives up earlier by itself.
M.limit_ms = 10000

--- What the option is by default: the server asks the chat model of its setting `rephraseEndpoint`.
---@type cognate.Rephrase
function M.from_server(query, done)
  return require("cognate.client").request(0, "cognate/rephrased", { query = query }, function(result)
    done(#result.also > 0 and result.also or nil, result.message)
  end, done)
end

--- Ask the hook. Whatever it does, `on_reply` is called once: with a list, a text, or nil and a reason.
---@param query string
---@param prompt cognate.Prompt
---@param on_reply cognate.Rephrased
local function ask_hook(query, prompt, on_reply)
  local timer, answered, cancel = assert(vim.uv.new_timer()), false, nil
  -- The hook may call back from anywhere, twice or too late.
  local done = vim.schedule_wrap(function(reply, why)
    if not answered then
      answered = true
      timer:close()
      on_reply(reply, why)
    end
  end)
  timer:start(M.limit_ms, 0, function()
    done(nil, ("there was no answer within %g s"):format(M.limit_ms / 1000))
    vim.schedule(function()
      pcall(cancel)
    end)
  end)
  local fine, result = pcall(require("cognate.config").options.rephrase, query, done, prompt)
  if not fine then
    return done(nil, "the option rephrase failed: " .. tostring(result))
  end
  cancel = result
end

--- Call back with other wordings of a query; with none and the reason where there are none.
---@param bufnr integer whose server reads the reply
---@param query string
---@param callback fun(also: string[], why?: string)
function M.wordings(bufnr, query, callback)
  local request = require("cognate.client").request
  local function fail(_, why)
    callback({}, why or "the option rephrase gave none")
  end
  request(bufnr, "cognate/rephrase", { query = query }, function(prompt)
    ask_hook(query, prompt, function(reply, why)
      local text = reply
      if type(reply) == "table" then
        local encoded, json = pcall(vim.json.encode, reply)
        text = encoded and json or nil
      end
      if type(text) ~= "string" or text == "" then
        return fail(nil, type(why) == "string" and why or nil)
      end
      request(bufnr, "cognate/rephrased", { query = query, reply = text }, function(result)
        callback(result.also, result.message)
      end, fail)
    end)
  end, fail)
end

return M
