"""Patterns as git reads them: one line to a ``Pattern``, many to a ``PatternList`` that finds the last that matches.

Pure, any thread: reads no file, knows no precedence between files.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cognate.workspace.globs import (
    Form,
    Parts,
    expand_braces,
    fits,
    fits_path,
    leads_into,
    name_forms,
    path_forms,
    suffix_of,
)


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of an ignore file.

    Attributes:
        text: as written, for people.
        line: counted from 1; 0 where lines mean nothing.
        negated: written with ``!``.
        folders_only: written with ``/`` at its end.
        anywhere: has no other slash, so it is about a name at any depth.
        forms: what a path must be, name by name; it must fit one of them. Of ``anywhere``, one segment at most.
    """

    text: str
    line: int
    negated: bool
    folders_only: bool
    anywhere: bool
    forms: tuple[Form, ...]

    def fits(self, parts: Parts) -> bool:
        """Return whether it matches a path, whatever kind of file that is."""
        if self.anywhere:
            return any(fits(form[0], parts[-1]) for form in self.forms)
        return any(fits_path(form, parts) for form in self.forms)

    def could_fit_beneath(self, folder: Parts, *, named: bool = False) -> bool:
        """Return whether it has a slash and could match something in a folder or deeper.

        Args:
            folder: the folder's path.
            named: ask for more, that a part of the pattern other than ``**`` stands for the folder itself.
        """
        return not self.anywhere and any(leads_into(form, folder, named=named) for form in self.forms)


class PatternList:
    """Patterns of one source in their order; the last that matches counts."""

    __slots__ = ("_by_first_name", "_by_name", "_by_suffix", "_other_names", "_other_paths", "patterns")

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self.patterns = tuple(patterns)
        self._by_name: dict[bytes, list[int]] = {}
        self._by_suffix: dict[bytes, list[tuple[int, bytes]]] = {}
        self._other_names: list[int] = []
        self._by_first_name: dict[bytes, list[int]] = {}
        self._other_paths: list[int] = []
        for index in reversed(range(len(self.patterns))):
            for form in self.patterns[index].forms:
                self._enter(index, form)

    def _enter(self, index: int, form: Form) -> None:
        pattern = self.patterns[index]
        first = form[0]
        if not pattern.anywhere:
            if isinstance(first, bytes):
                self._by_first_name.setdefault(first, []).append(index)
            else:
                self._other_paths.append(index)
        elif isinstance(first, bytes):
            self._by_name.setdefault(first, []).append(index)
        elif (suffix := suffix_of(first)) is not None and b"." in suffix:
            self._by_suffix.setdefault(suffix.rpartition(b".")[2], []).append((index, suffix))
        else:
            self._other_names.append(index)

    def last_match(self, parts: Parts, *, is_folder: bool) -> int:
        """Return the index of the last pattern that matches a path, or -1."""
        patterns = self.patterns
        best = -1
        name = parts[-1]
        for index in self._by_name.get(name, ()):
            if is_folder or not patterns[index].folders_only:
                best = index
                break
        if self._by_suffix and b"." in name:
            for index, suffix in self._by_suffix.get(name.rpartition(b".")[2], ()):
                if index <= best:
                    break
                if name.endswith(suffix) and (is_folder or not patterns[index].folders_only):
                    best = index
                    break
        for indexes in (self._other_names, self._by_first_name.get(parts[0], ()), self._other_paths):
            for index in indexes:
                if index <= best:
                    break
                pattern = patterns[index]
                if (is_folder or not pattern.folders_only) and pattern.fits(parts):
                    best = index
                    break
        return best


def read_patterns(data: bytes) -> PatternList:
    """Return the patterns of an ignore file's bytes."""
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    found = (parse_line(line.removesuffix(b"\r"), number) for number, line in enumerate(lines, 1))
    return PatternList(pattern for pattern in found if pattern is not None)


def patterns_of(lines: Sequence[str]) -> PatternList:
    """Return the patterns of lines that stand in no file, such as a setting's; an editor's ``{a,b}`` means each."""
    found = (parse_line(glob.encode("utf-8", "replace"), 0) for line in lines for glob in expand_braces(line))
    return PatternList(pattern for pattern in found if pattern is not None)


def parse_line(line: bytes, number: int) -> Pattern | None:
    """Return the pattern of a line, or None for a comment, a blank line and what can match nothing."""
    line = line.partition(b"\0")[0]
    if not line or line.startswith(b"#"):
        return None
    body = _without_trailing_spaces(line)
    text = body.decode("utf-8", "backslashreplace")
    negated = body.startswith(b"!")
    glob = body[1:] if negated else body
    folders_only = glob.endswith(b"/")
    if folders_only:
        glob = glob[:-1]
    anywhere = b"/" not in glob
    forms = name_forms(glob) if anywhere else path_forms(glob.removeprefix(b"/"))
    if forms and len(forms[0]) == 2 and forms[0][0] is None and forms[0][1] is not None:  # noqa: PLR2004
        anywhere, forms = True, [forms[0][1:]]  # "**/name" says the same as "name", which is faster.
    if not forms:
        return None
    return Pattern(text, number, negated, folders_only, anywhere, tuple(forms))


def _without_trailing_spaces(line: bytes) -> bytes:
    kept = len(line.rstrip(b" "))
    n_backslashes = kept - len(line[:kept].rstrip(b"\\"))
    return line[: kept + 1] if n_backslashes % 2 else line[:kept]
