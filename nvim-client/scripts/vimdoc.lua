-- Writes doc/cognate.txt from the code: commands, mappings, functions and the one table of options.
-- Usage: nvim -l nvim-client/scripts/vimdoc.lua [FILE]
local home = vim.fs.dirname(vim.fs.dirname(vim.fs.normalize(vim.fn.fnamemodify(arg[0], ":p"))))
vim.opt.runtimepath:prepend(home)

local lines = {}
local WIDTH = 78

local function add(...)
  for _, text in ipairs({ ... }) do
    vim.list_extend(lines, vim.split(text, "\n"))
  end
end

local function read(path)
  return table.concat(vim.fn.readfile(home .. "/" .. path), "\n")
end

--- Text on the left and a tag at the right edge.
local function tagged(left, tag)
  tag = "*" .. tag .. "*"
  add(left .. (" "):rep(math.max(1, WIDTH - #left - #tag)) .. tag)
end

local function section(title, tag)
  add("", ("="):rep(WIDTH))
  tagged(title:upper(), tag)
  add("")
end

--- Words of a paragraph, broken at the page's width.
local function wrap(text, indent)
  local line = indent
  for word in text:gmatch("%S+") do
    if #line + #word + 1 > WIDTH and line ~= indent then
      add(line)
      line = indent
    end
    line = line == indent and indent .. word or line .. " " .. word
  end
  add(line)
end

add("*cognate.txt*  Find code by meaning")
tagged("", "cognate-intro")
wrap(
  "Cognate finds code by meaning, in an index that its language server keeps on your machine. The plugin starts "
    .. "the server for the files you open and shows what it finds. Nothing has to be set up: install the server so "
    .. "that `cognate` is on PATH, and this plugin. |:checkhealth| cognate says what is missing.",
  ""
)

section("Commands", "cognate-commands")
for _, command in ipairs(require("cognate.command").commands) do
  local usage = ":Cognate " .. command.name .. (command.argument and " " .. command.argument or "")
  tagged(usage, ":Cognate-" .. command.name)
  wrap(command.help, "    ")
  add("")
end
wrap(
  "`:Cognate` alone is `:Cognate search`. With a bang all that follows is a question, which is also asked in other "
    .. "words: `:Cognate! how are retries limited`; they come from the option `rephrase`, and a hit that one of them "
    .. "found says which. `:Cognate search ++picker=loclist query` shows one search elsewhere; every value of the "
    .. "option `picker` can stand there.",
  ""
)

section("Mappings", "cognate-mappings")
for mode, name, description in read("plugin/cognate.lua"):gmatch('set%("(%a)", "(<Plug>%([%w-]+%))".-desc = "(.-)"') do
  add(("%-30s %s mode: %s"):format(name, mode == "n" and "normal" or "visual", description))
end
add("", "For example: >lua", '    vim.keymap.set("n", "<leader>cs", "<Plug>(cognate-search)")')
add('    vim.keymap.set({ "n", "x" }, "<leader>cr", "<Plug>(cognate-related)")', "<")

section("The built-in picker", "cognate-picker")
wrap("Type to search, or to filter a finished list. The preview shows files as the editor has them.", "")
add("")
add("<CR>                  open; <C-x> in a split, <C-v> in a vertical one, <C-t> in a tab")
add("<C-n> <C-p>           next and previous, also <Down> and <Up>")
add("<C-q>                 everything into the quickfix list")
add("<Esc> <C-c>           close")

section("Options", "cognate-options")
wrap('These are the defaults; `require("cognate").setup({ ... })` changes some. setup() need not be called.', "")
add(">lua")
local table_text =
  read("lua/cognate/config.lua"):match("%-%-%- defaults begin\nlocal defaults = (.-)\n%-%-%- defaults end")
add((("    " .. table_text):gsub("\n", "\n    "):gsub("\n +\n", "\n\n")))
add("<")
wrap("On Neovim 0.11 and newer |vim.lsp.config()| works too, with the name `cognate`.", "")

section("Functions", "cognate-functions")
local comments = {}
for _, line in ipairs(vim.split(read("lua/cognate/init.lua"), "\n")) do
  local name, parameters = line:match("^function M%.(%w+)%((.-)%)")
  if name then
    tagged(('require("cognate").%s(%s)'):format(name, parameters), "cognate." .. name .. "()")
    for _, comment in ipairs(comments) do
      local parameter, kind, text = comment:match("^@param (%S+) (%S+) ?(.*)$")
      if parameter then
        wrap(("{%s} `%s` %s"):format(parameter:gsub("?", ""), kind, text), "        ")
      elseif not comment:find("^@") then
        wrap(comment, "    ")
      end
    end
    add("")
  end
  local comment = line:match("^%-%-%-%s?(.*)$")
  comments = comment and vim.list_extend(comments, { comment }) or {}
end
wrap(
  "The status of the index is also the data of the |User| autocommand `CognateStatus`. A status line component: "
    .. "`%{%v:lua.require'cognate'.statusline()%}`.",
  ""
)
add("", " vim:tw=78:ts=8:ft=help:norl:")

vim.fn.writefile(lines, arg[1] or home .. "/doc/cognate.txt")
