"""Which grammar reads a file: by its name, its suffix, or its first line. A plain table; the standard library only."""

import re

MARKDOWN = "markdown"
NOTEBOOK = "notebook"
TEXT = "text"

_SUFFIXES_BY_LANGUAGE = {
    "actionscript": "as",
    "ada": "adb ads",
    "agda": "agda lagda",
    "apex": "trigger",
    "arduino": "ino",
    "asm": "asm s",
    "astro": "astro",
    "bash": "bash bats ebuild ksh sh zsh",
    "beancount": "beancount",
    "bibtex": "bib",
    "bicep": "bicep",
    "bitbake": "bb bbappend bbclass",
    "bsl": "bsl os",
    "c": "c h",
    "cairo": "cairo",
    "capnp": "capnp",
    "clarity": "clar",
    "clojure": "clj cljc cljs edn",
    "cmake": "cmake",
    "cobol": "cbl cob cobol cpy",
    "commonlisp": "asd cl lisp lsp",
    "cpp": "c++ cc cpp cxx h++ hh hpp hxx inl ipp ixx cppm tpp",
    "csharp": "cs csx",
    "css": "css",
    "cuda": "cu cuh",
    "d": "d di",
    "dart": "dart",
    "dockerfile": "dockerfile containerfile",
    "elisp": "el",
    "elixir": "ex exs",
    "elm": "elm",
    "embeddedtemplate": "ejs erb",
    "erlang": "erl hrl",
    "fennel": "fnl",
    "fish": "fish",
    "fortran": "f f03 f08 f90 f95 for",
    "fsharp": "fs fsx",
    "fsharp_signature": "fsi",
    "func": "fc",
    "gdscript": "gd",
    "gleam": "gleam",
    "glsl": "comp frag geom glsl tesc tese vert",
    "gn": "gn gni",
    "go": "go",
    "graphql": "gql graphql graphqls",
    "groovy": "gradle groovy gvy",
    "hack": "hack",
    "hare": "ha",
    "haskell": "hs hs-boot",
    "haxe": "hx",
    "hcl": "hcl nomad",
    "heex": "heex",
    "hlsl": "fx hlsl",
    "html": "htm html xhtml",
    "ini": "cfg conf ini",
    "janet": "janet",
    "java": "java",
    "javascript": "cjs es6 js jsx mjs",
    "json": "geojson json json5 jsonc topojson webmanifest",
    "jsonnet": "jsonnet libsonnet",
    "julia": "jl",
    "kdl": "kdl",
    "kotlin": "kt kts",
    "latex": "cls latex sty tex",
    "linkerscript": "ld lds",
    "llvm": "ll",
    "lua": "lua rockspec",
    "luau": "luau",
    "make": "mak make mk",
    "markdown": "markdown md mdown mdx mkd",
    "mermaid": "mermaid mmd",
    "nim": "nim nims nimble",
    "ninja": "ninja",
    "nix": "nix",
    "notebook": "ipynb",
    "objc": "m mm",
    "ocaml": "ml",
    "ocaml_interface": "mli",
    "odin": "odin",
    "org": "org",
    "pascal": "dpr lpr pas",
    "perl": "pl pm t",
    "php": "php php3 php4 php5 phtml",
    "po": "po pot",
    "pony": "pony",
    "powershell": "ps1 psd1 psm1",
    "prisma": "prisma",
    "properties": "properties",
    "proto": "proto",
    "puppet": "pp",
    "purescript": "purs",
    "python": "py pyi pyw pyx pxd wsgi",
    "qmljs": "qml",
    "r": "r",
    "racket": "rkt rktd",
    "rego": "rego",
    "ron": "ron",
    "rst": "rst",
    "ruby": "gemspec podspec rake rb rbi ru",
    "rust": "rs",
    "scala": "sbt sc scala",
    "scheme": "scm ss",
    "scss": "less scss",
    "smithy": "smithy",
    "solidity": "sol",
    "sparql": "rq sparql",
    "sql": "ddl dml psql sql",
    "squirrel": "nut",
    "starlark": "bazel bzl star",
    "svelte": "svelte",
    "swift": "swift",
    "tablegen": "td",
    "tcl": "tcl",
    "terraform": "tf tfvars",
    "thrift": "thrift",
    "toml": "toml",
    "tsx": "tsx",
    "twig": "twig",
    "typst": "typ",
    "typescript": "cts mts ts",
    "v": "v",
    "verilog": "sv svh vh",
    "vhdl": "vhd vhdl",
    "vim": "vim",
    "vue": "vue",
    "wat": "wat",
    "wgsl": "wgsl",
    "xml": "csproj fsproj props svg targets vbproj xaml xml xsd xsl xslt",
    "yaml": "yaml yml",
    "zig": "zig zon",
}

_NAMES = {
    ".bash_profile": "bash",
    ".bashrc": "bash",
    ".gitattributes": "gitattributes",
    ".gitignore": "gitignore",
    ".profile": "bash",
    ".zshrc": "bash",
    "build": "starlark",
    "build.bazel": "starlark",
    "cmakelists.txt": "cmake",
    "containerfile": "dockerfile",
    "dockerfile": "dockerfile",
    "gemfile": "ruby",
    "gnumakefile": "make",
    "go.mod": "gomod",
    "go.sum": "gosum",
    "jenkinsfile": "groovy",
    "kconfig": "kconfig",
    "makefile": "make",
    "meson.build": "meson",
    "podfile": "ruby",
    "rakefile": "ruby",
    "requirements.txt": "requirements",
    "sconstruct": "python",
    "vagrantfile": "ruby",
    "workspace": "starlark",
}

_INTERPRETERS = {
    "bash": "bash",
    "dash": "bash",
    "ksh": "bash",
    "sh": "bash",
    "zsh": "bash",
    "bun": "typescript",
    "deno": "typescript",
    "elixir": "elixir",
    "escript": "erlang",
    "fish": "fish",
    "groovy": "groovy",
    "julia": "julia",
    "lua": "lua",
    "luajit": "lua",
    "node": "javascript",
    "nodejs": "javascript",
    "perl": "perl",
    "php": "php",
    "pwsh": "powershell",
    "pypy": "python",
    "python": "python",
    "rscript": "r",
    "ruby": "ruby",
    "runghc": "haskell",
    "runhaskell": "haskell",
    "swift": "swift",
    "tclsh": "tcl",
}

_LANGUAGE_OF_SUFFIX = {
    suffix: language for language, suffixes in _SUFFIXES_BY_LANGUAGE.items() for suffix in suffixes.split()
}
LANGUAGES = frozenset(_LANGUAGE_OF_SUFFIX.values()) | set(_NAMES.values()) | set(_INTERPRETERS.values())
"""Every name that ``language_of`` can give."""

_INTERPRETER = re.compile(r"#!\s*\S*?(?:/env\s+(?:-\S+\s+|\w+=\S*\s+)*)?([A-Za-z]+)[\d.]*(?:\s|$)")
_CPLUSPLUS = re.compile(
    r"^[ \t]*(?:class\s+\w+\s*[:{]|class\s+\w+\s+(?:final\b|:)|namespace\b|template\s*<|using\s+\w|(?:public|private|"
    r"protected)\s*:|#include\s*<\w+>)|\bstd::|\bconstexpr\b|\bnoexcept\b",
    re.MULTILINE,
)
_SNIFFED = 20_000


def language_of(path: str, first_line: str = "") -> str | None:
    """Name the grammar for a file, or ``notebook``; None when there is none.

    Args:
        path: the file's path or name; only the last part counts.
        first_line: the file's first line, to find an interpreter where the name tells nothing.
    """
    name = path.rsplit("/", 1)[-1].rsplit("\\", 1)[-1].lower()
    language = _NAMES.get(name)
    if language is None and name.startswith(("dockerfile.", "makefile.")):
        language = _NAMES[name.split(".", 1)[0]]
    if language is None and "." in name:
        language = _LANGUAGE_OF_SUFFIX.get(name.rsplit(".", 1)[-1])
    if language is None and first_line.startswith("#!"):
        interpreter = _INTERPRETER.match(first_line)
        language = _INTERPRETERS.get(interpreter[1].lower()) if interpreter else None
    return language


def refine(language: str, path: str, text: str) -> str:
    """Correct the grammar by the text, for suffixes that two languages share: a ``.h`` may be C++."""
    if language == "c" and path.lower().endswith(".h") and _CPLUSPLUS.search(text, 0, _SNIFFED):
        return "cpp"
    return language
