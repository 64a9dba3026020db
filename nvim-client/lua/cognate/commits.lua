--- Commits as lists show them, and what they changed.
local M = {}

local SHORT = 7
local MOST_LINES = 2000

--- Turn commits into items, best first; each stands at the first place that it led to.
---@param commits cognate.Commit[]
---@return cognate.Item[]
function M.items(commits)
  return vim.tbl_map(function(commit)
    local place = commit.places[1]
    local folder = vim.uri_to_fname(commit.folder)
    local first = commit.files[1] and vim.fs.joinpath(folder, commit.files[1]) or folder
    return {
      filename = place and vim.uri_to_fname(place.location.uri) or first,
      path = commit.id:sub(1, SHORT),
      lnum = place and place.location.range.start.line + 1 or 1,
      col = 1,
      label = ("%s  %s"):format(commit.date:sub(1, 10), commit.subject),
      score = commit.score,
      commit = commit,
    }
  end, commits)
end

--- The message of a commit and what it changed, as git tells it, cut where it is very long.
---@param commit cognate.Commit
---@return string[]
function M.text(commit)
  local folder = vim.uri_to_fname(commit.folder)
  local command =
    { "git", "-C", folder, "--no-pager", "show", "--no-color", "--no-ext-diff", "--no-textconv", commit.id }
  local ran, asked = pcall(vim.system, command, { text = true })
  local done = ran and asked:wait()
  if not done or done.code ~= 0 then
    return { "git no longer has this commit: " .. vim.trim(done and done.stderr or tostring(asked)) }
  end
  local lines = vim.split(done.stdout, "\n")
  return #lines > MOST_LINES and vim.list_extend(vim.list_slice(lines, 1, MOST_LINES), { "…" }) or lines
end

--- Open a commit in a buffer of its own.
---@param commit cognate.Commit
function M.open(commit)
  local name = "cognate://" .. commit.id
  local buffer = vim.fn.bufnr(name)
  if buffer < 0 then
    buffer = vim.api.nvim_create_buf(true, true)
    vim.api.nvim_buf_set_lines(buffer, 0, -1, false, M.text(commit))
    vim.api.nvim_buf_set_name(buffer, name)
    vim.bo[buffer].filetype = "git"
    vim.bo[buffer].modifiable = false
  end
  vim.cmd.normal({ "m'", bang = true })
  vim.api.nvim_win_set_buf(0, buffer)
end

return M
