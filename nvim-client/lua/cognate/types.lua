---@meta
--- The protocol's shapes, as docs/protocol.md has them.

---@class cognate.Index
---@field state "empty"|"indexing"|"catching-up"|"ready"|"paused"|"lexical-only"|"error"
---@field generation integer
---@field coverage number share of the chunks that have an embedding
---@field chunks integer

---@class cognate.Hit
---@field location {uri: string, range: lsp.Range}
---@field focusRange lsp.Range
---@field focusText string the text of the focus line
---@field score number
---@field language string
---@field preview string
---@field stale boolean
---@field symbol? {name: string, kind: string, container: string, qualified: string}
---@field cell? integer
---@field foundBy? string the wording that found it, where the question was asked in several
---@field copies? {uri: string, range: lsp.Range, cell?: integer}[] where the same text also stands

---@class cognate.Commit
---@field id string
---@field date string ISO 8601
---@field subject string
---@field body string its first paragraph
---@field score number
---@field files string[] relative to the folder
---@field places {location: {uri: string, range: lsp.Range}}[] what it led to in today's code
---@field folder string URI

---@class cognate.Status
---@field index cognate.Index
---@field state string
---@field coverage number share of the chunks that have an embedding
---@field wordCoverage number share of the folder that words and the translation table find
---@field chunks integer
---@field files integer
---@field queue {files: integer, chunks: integer}
---@field summary string the state in one sentence
---@field short string the state for a status line, empty where it is ready
---@field model string
---@field message string
---@field folders {details: table<string, string>}[]

---@class cognate.Item a hit or a commit as lists show it
---@field filename string
---@field path string the file, relative to the current folder where possible; of a commit the beginning of its id
---@field lnum integer
---@field col integer in bytes, from 1
---@field label string the definition's name, if there is one, the focus line, and the wording that found it
---@field score number
---@field hit? cognate.Hit
---@field encoding? string position encoding of the hit
---@field commit? cognate.Commit

--- The notice is the server's word on filters, or on an index that is not ready.
---@alias cognate.OnItems fun(items: cognate.Item[], notice?: string)
---@alias cognate.Live fun(query: string, on_items: cognate.OnItems): fun() asks, and returns how to cancel

---@class cognate.Source what a picker shows
---@field title string
---@field items? cognate.Item[] a finished list
---@field live? cognate.Live
---@field commits? boolean whether its items are commits

---@class cognate.Prompt what to give to a chat model
---@field system string
---@field user string

--- Takes other wordings: a list of texts or a chat model's whole reply; nil, with a reason, if there are none.
---@alias cognate.Rephrased fun(reply?: string[]|string, why?: string)
---@alias cognate.Rephrase fun(query: string, done: cognate.Rephrased, prompt: cognate.Prompt): fun()?

---@class cognate.SearchOptions
---@field picker? cognate.PickerName
---@field limit? integer
---@field scope? {include?: string[], exclude?: string[], languages?: string[], folders?: string[]}
---@field bufnr? integer
---@field rephrase? boolean for search: ask in other words, too
---@field params? table for related: the request's params, instead of the cursor's position
---@field kind? "similar"|"tests"|"callers"|"callees"|"siblings"|"docs"|"changed-with" how; similar without it
---@field range? {[1]: integer, [2]: integer} for related: first and last line, from 1
