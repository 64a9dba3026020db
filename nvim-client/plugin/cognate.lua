-- Registers commands and mappings and asks Neovim to start the server; everything else is loaded when used.
if vim.g.loaded_cognate then
  return
end
vim.g.loaded_cognate = true

if vim.fn.has("nvim-0.10") == 0 then
  vim.notify_once("cognate needs Neovim 0.10 or newer", vim.log.levels.ERROR)
  return
end

vim.api.nvim_create_user_command("Cognate", function(arguments)
  require("cognate.command").run(arguments)
end, {
  nargs = "*",
  bang = true,
  range = true,
  desc = "Find code by meaning",
  complete = function(lead, line)
    return require("cognate.command").complete(lead, line)
  end,
})

vim.keymap.set("n", "<Plug>(cognate-search)", "<Cmd>Cognate search<CR>", { desc = "Search code by meaning" })
vim.keymap.set("n", "<Plug>(cognate-related)", "<Cmd>Cognate related<CR>", { desc = "Find related code" })
vim.keymap.set("x", "<Plug>(cognate-related)", ":Cognate related<CR>", { desc = "Find related code", silent = true })
vim.keymap.set("n", "<Plug>(cognate-status)", "<Cmd>Cognate status<CR>", { desc = "Show the state of the index" })

if vim.lsp.enable then
  vim.lsp.enable("cognate")
else
  vim.api.nvim_create_autocmd("FileType", {
    group = vim.api.nvim_create_augroup("cognate", {}),
    callback = function(event)
      require("cognate.client").start(event.buf)
    end,
  })
end
