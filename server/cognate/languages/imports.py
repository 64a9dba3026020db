"""What an import names, as paths with ``/``, whatever the language's way to write it.

``./`` and ``../`` begin what is relative to the file's folder; everything else is to be looked for from the roots of
the workspace, or lies outside it. The last part may be a symbol in the file rather than the file. Pure.
"""

import re
from collections.abc import Callable

MAX_BRACES = 20  # Levels of ``{…}`` in one import; real ones have three at most.

_PYTHON_FROM = re.compile(r"from\s*(?P<dots>[.\s]*)(?P<module>[\w.]*)\s*import\b(?P<names>.*)", re.DOTALL)
_COMMENT = re.compile(r"#[^\n]*|//[^\n]*|/\*.*?\*/", re.DOTALL)
_AS = re.compile(r"\bas\s+\w+|=>\s*\w+")
_SCRIPT = re.compile(r"(?P<clause>.*?)(?P<quote>[\"'`])(?P<path>[^\"'`]+)(?P=quote)", re.DOTALL)
_SCRIPT_NAME = re.compile(r"[\w$]+")
_SCRIPT_WORDS = frozenset({"default", "export", "from", "import", "type", "typeof"})
_ROOTED = re.compile(r"^[@~]/")
_SUFFIX_OF_SCRIPT = re.compile(r"\.(?:[cm]?[jt]sx?|json|vue|svelte|astro|mdx)$")


def read_python(text: str) -> list[str]:
    """``from ..a import b, c`` → ../a/b, ../a/c; ``import a.b`` → a/b."""
    text = _AS.sub("", _COMMENT.sub("", text))
    found = _PYTHON_FROM.match(text)
    if found is None:
        return [name.replace(".", "/") for name in _names(text.removeprefix("import"))]
    dots = found["dots"].count(".")
    base = ("./" if dots == 1 else "../" * (dots - 1)) + found["module"].replace(".", "/")
    names = _names(found["names"])
    prefix = base if not base or base.endswith("/") else base + "/"
    return [prefix + name for name in names] or ([base] if base else [])


def read_script(text: str) -> list[str]:
    """``import A, {b as c} from './m.js'`` → ./m/A, ./m/b; ``'@/m'`` → m, as ``@`` is usually the source root."""
    found = _SCRIPT.match(text)
    if found is None:
        return []
    path = _ROOTED.sub("", _SUFFIX_OF_SCRIPT.sub("", found["path"]))
    clause = _AS.sub("", _COMMENT.sub("", found["clause"]))
    names = [name for name in _SCRIPT_NAME.findall(clause) if name not in _SCRIPT_WORDS]
    return [f"{path}/{name}" for name in names] or [path]


def read_quoted(text: str) -> list[str]:
    """A path in quotes, as it is."""
    path = text.strip("\"'`<> ")
    return [path] if path else []


def read_relative(text: str) -> list[str]:
    """A path in quotes that is looked for beside the file first."""
    path = text.strip("\"'`<> ")
    return [path if path.startswith(".") or text.startswith("<") else f"./{path}"] if path else []


def read_dart(text: str) -> list[str]:
    """``'b.dart'`` → ./b.dart; ``'package:a/b.dart'`` → a/b.dart; ``'dart:io'`` is part of the language."""
    path = text.strip("\"' ")
    if path.startswith("package:"):
        return [path.removeprefix("package:")]
    return [] if ":" in path or not path else [f"./{path}"]


def read_lua(text: str) -> list[str]:
    """``"a.b"`` → a/b."""
    return [text.strip("\"'[] ").replace(".", "/")]


def read_dotted(text: str) -> list[str]:
    """``import static a.b.C.d;`` → a/b/C/d; ``import a.b.{C, D}`` → a/b/C, a/b/D."""
    text = _AS.sub("", _COMMENT.sub("", text))
    words = text.replace(";", " ").split(None, 1)
    rest = words[1] if len(words) > 1 and words[0] in {"import", "using", "use"} else text
    rest = re.sub(r"^\s*(?:static|qualified|function|const)\s+", "", rest)
    return [path for path in _expanded(rest.strip(" ;\n"), ".") if path]


def read_rust(text: str) -> list[str]:
    """``crate::a::{b, c::D}`` → a/b, a/c/D; ``super::x`` → ../x or, in a mod.rs, ./x: only its last parts are kept."""
    paths = _expanded(_AS.sub("", _COMMENT.sub("", text)), "::")
    return [re.sub(r"^(?:(?:crate|self|super)/)+", "", path) for path in paths]


def read_php(text: str) -> list[str]:
    r"""``use App\Models\{User, Post};`` → App/Models/User, App/Models/Post."""
    return read_dotted(text.replace("\\", "."))


def _names(text: str) -> list[str]:
    names = (name.strip() for name in text.replace("(", " ").replace(")", " ").replace("\\\n", " ").split(","))
    return [name for name in names if name and name != "*"]


def _expanded(text: str, separator: str, depth: int = 0) -> list[str]:
    """Write ``a.{b, c}`` out as a/b and a/c; ``*``, ``_`` and ``self`` at the end are left out."""
    head, brace, rest = text.partition("{")
    if not brace or depth > MAX_BRACES:
        parts = [part.strip() for part in head.split(separator)]
        while parts and parts[-1] in {"*", "_", "self", ""}:
            parts.pop()
        return ["/".join(parts)] if parts and all(parts) else []
    prefix = "/".join(part.strip() for part in head.split(separator) if part.strip())
    inner = rest.rpartition("}")[0] or rest
    paths: list[str] = []
    for part in _split(inner):
        if part.strip() in {"*", "_", "self"}:
            paths.append(prefix)
        else:
            paths += [f"{prefix}/{path}" if prefix else path for path in _expanded(part.strip(), separator, depth + 1)]
    return paths


def _split(text: str) -> list[str]:
    """Split at the commas outside braces."""
    parts, level = [""], 0
    for character in text:
        level += (character == "{") - (character == "}")
        if character == "," and level == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part for part in parts if part.strip()]


READERS: dict[str, Callable[[str], list[str]]] = {
    "dart": read_dart,
    "dotted": read_dotted,
    "lua": read_lua,
    "php": read_php,
    "python": read_python,
    "quoted": read_quoted,
    "relative": read_relative,
    "rust": read_rust,
    "script": read_script,
}
"""``import_style`` of a language → what reads the text that its ``references.scm`` captures as ``imported``."""
