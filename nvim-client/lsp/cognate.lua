-- What vim.lsp.enable("cognate") starts on Neovim 0.11 and newer.
return require("cognate.client").lsp_config()
