"""Conditional parts of a text, ``#if`` to ``#endif``, that a parser cannot put together: one branch is left.

Grammars know conditionals around whole statements and members. Of one that begins or ends inside a statement, or whose
branches open brackets that are closed elsewhere, all but the first branch is overwritten with spaces, and so are its
directives. Branches between the items of a list all stay. The text keeps its length and its lines.

Pure; goes over a text once, and its cost does not grow with the depth of nesting.
"""

import re
from dataclasses import dataclass, field

from cognate.chunking.c_text import code_before
from cognate.chunking.text import blanked

MAX_HIDDEN = 4000  # Bytes; a longer conditional is around much that is whole, and its branches are worth more.

_DIRECTIVE = re.compile(rb"#[ \t]*(if|el|endif)\w*([ \t]+0\b)?(?:[^\n\\]|\\.)*", re.DOTALL)
_NO_CODE = re.compile(rb"//[^\n]*|/\*.*?\*/|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.){1,8}'", re.DOTALL)
_COMPLETE = frozenset({b"", b"/", b";", b"{", b"}", b":", b"]"})
_UNFINISHED = (b"else", b"&&", b"||", b"(", b"=", b"+")
_PARENTHESIS = 1 << 20  # What one counts more than a brace: more than there are braces in any text.


@dataclass(slots=True)
class _Conditional:
    """A conditional that is being read.

    Attributes:
        above: the last bytes of code above it.
        never: whether its first branch is never compiled.
        lines: where each of its directives begins and ends.
        opened: for each branch, the brackets that it opens less those that it closes.
    """

    above: bytes
    never: bool
    lines: list[tuple[int, int]]
    opened: list[int] = field(default_factory=lambda: [0])


def hide_branches(data: bytes) -> bytes:
    """Return a text of the same length in which every conditional is one that a grammar can read.

    Args:
        data: text in a language with the directives of C, UTF-8.
    """
    out: bytearray | None = None
    stack: list[_Conditional] = []
    last = 0
    for match in _DIRECTIVE.finditer(data):
        start, end = match.span()
        line = data.rfind(b"\n", 0, start) + 1
        if data[line:start].strip():
            continue
        if stack:
            stack[-1].opened[-1] += _opened(data[last:line])
        last = end
        if match[1] == b"if":
            stack.append(_Conditional(code_before(data, line), match[2] is not None, [(line, end)]))
            continue
        if not stack:
            continue
        stack[-1].lines.append((line, end))
        if match[1] == b"el":
            stack[-1].opened.append(0)
            continue
        done = stack.pop()
        kept = 1 if done.never and len(done.opened) > 1 else 0
        if stack:
            stack[-1].opened[-1] += done.opened[kept]
        below = code_before(data, line)
        is_list = b"," in {done.above[-1:], below[-1:]}
        if not is_list and done.lines[-1][0] - done.lines[0][1] > MAX_HIDDEN and len(done.opened) > 1:
            continue
        if any(done.opened) or (not is_list and (done.above[-1:] not in _COMPLETE or below.endswith(_UNFINISHED))):
            out = out or bytearray(data)
            _keep(out, done.lines, {kept})
        elif is_list:
            out = out or bytearray(data)
            _keep(out, done.lines, set(range(len(done.opened))))
    return data if out is None else bytes(out)


def _keep(out: bytearray, lines: list[tuple[int, int]], kept: set[int]) -> None:
    """Overwrite the directives of a conditional, and its branches but some."""
    for number, (start, end) in enumerate(lines):
        past = end if number in kept or number == len(lines) - 1 else lines[number + 1][0]
        out[start:past] = blanked(bytes(out[start:past]))


def _opened(text: bytes) -> int:
    """Count the brackets that a text opens less those that it closes, in a number that is 0 only if all are closed."""
    count = _count(text)
    return _count(_NO_CODE.sub(b"", text)) if count else 0


def _count(text: bytes) -> int:
    return text.count(b"{") - text.count(b"}") + _PARENTHESIS * (text.count(b"(") - text.count(b")"))
