"""From what uses are read: text that is no code, and imports.

``opaque`` lies on comments and on the inside of strings, ``code`` on what is code again inside them where a grammar
has no node for the text alone. ``imported`` is explained in ``chunking.references``.
"""

_SCRIPT_OPAQUE = "comment html_comment string_fragment regex_pattern jsx_text"
_C_OPAQUE = "comment string_content system_lib_string"

OPAQUE = {
    "bash": "comment string_content raw_string ansi_c_string heredoc_body",
    "c": _C_OPAQUE,
    "cpp": f"{_C_OPAQUE} raw_string_content",
    "cuda": f"{_C_OPAQUE} raw_string_content",
    "csharp": "comment string_content string_literal_content raw_string_content verbatim_string_literal",
    "elixir": "comment quoted_content",
    "go": "comment interpreted_string_literal_content raw_string_literal_content",
    "haskell": "comment haddock string quasiquote_body",
    "java": "line_comment block_comment string_fragment multiline_string_fragment",
    "javascript": _SCRIPT_OPAQUE,
    "kotlin": "line_comment multiline_comment string_content",
    "lua": "comment string_content",
    "luau": "comment string_content",
    "php": "comment string_content nowdoc_string text",
    "python": "comment string_content",
    "ruby": "comment string_content heredoc_content",
    "rust": "line_comment block_comment string_content",
    "scala": "comment block_comment string interpolated_string",
    "swift": "comment multiline_comment line_str_text multi_line_str_text raw_str_part regex_literal",
    "tsx": _SCRIPT_OPAQUE,
    "typescript": _SCRIPT_OPAQUE,
    "zig": "line_comment doc_comment container_doc_comment STRINGLITERALSINGLE LINESTRING",
}
"""Grammar name → kinds of node whose text is no code. Grammars that are not here give no references."""

CODE = {
    "bash": "simple_expansion expansion command_substitution",
    "scala": "interpolation",
}

_SCRIPT_IMPORTS = """
(import_statement source: (string)) @imported
(export_statement source: (string)) @imported
(call_expression function: [(identifier) (import)] @_is.require-or-import
  arguments: (arguments . (string) @imported))
"""
_C_IMPORTS = "(preproc_include path: (_) @imported)"

IMPORTS = {
    "c": _C_IMPORTS,
    "cpp": _C_IMPORTS,
    "cuda": _C_IMPORTS,
    "go": "(import_spec path: (_) @imported)",
    "haskell": "(import module: (_) @imported)",
    "java": "(import_declaration) @imported",
    "javascript": _SCRIPT_IMPORTS,
    "kotlin": "(import_header) @imported",
    "lua": "(function_call name: (identifier) @_is.require arguments: (arguments . (string) @imported))",
    "php": "(namespace_use_declaration) @imported",
    "python": "(import_statement) @imported (import_from_statement) @imported",
    "ruby": "(call !receiver method: (identifier) @_is.require-or-require_relative"
    " arguments: (argument_list . (string) @imported))",
    "rust": "(use_declaration argument: (_) @imported)",
    "scala": "(import_declaration) @imported",
    "tsx": _SCRIPT_IMPORTS,
    "typescript": _SCRIPT_IMPORTS,
}
"""Grammar name → patterns for imports, where they name files or what lies in them."""


NOT_CODE = {
    language: "\n".join(
        [f"({kind}) @opaque" for kind in kinds.split()] + [f"({kind}) @code" for kind in CODE.get(language, "").split()]
    )
    for language, kinds in OPAQUE.items()
}
"""Grammar name → query for what is no code. Asked by itself: beside the definitions it takes twice as long."""
