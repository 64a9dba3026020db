-- LuaJIT with what Neovim adds to it.
std = "luajit"
max_line_length = 120
read_globals = {
  vim = {
    other_fields = true,
    fields = {
      b = { read_only = false, other_fields = true },
      bo = { read_only = false, other_fields = true },
      g = { read_only = false, other_fields = true },
      o = { read_only = false, other_fields = true },
      w = { read_only = false, other_fields = true },
      wo = { read_only = false, other_fields = true },
      lsp = { other_fields = true },
    },
  },
}
