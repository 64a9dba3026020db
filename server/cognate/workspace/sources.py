"""Where rules stand and what they say of one path: the sources of one folder, strongest first.

Pure, any thread: reads no file (``rules`` does) and knows nothing of links and sizes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cognate.workspace import built_in, gitattributes
from cognate.workspace.gitattributes import AttributeList
from cognate.workspace.globs import Parts
from cognate.workspace.patterns import Pattern, PatternList

IGNORE_FILES = frozenset({".gitignore", ".cognateignore", ".gitattributes", ".gitmodules"})
"""Names of files whose change can change what is indexed."""

_IN_GIT_FOLDER = re.compile(r"(^|/)\.git/(.*/)?info/exclude\Z", re.DOTALL)

BUILT_IN, ATTRIBUTES, GIT, SETTING, OWN = range(5)
"""Layers of rules, weakest first."""

Rank = tuple[int, int, int]
"""Of two rules the greater counts: its layer, the depth of its file, its place in there."""

_CANCELS = {
    gitattributes.GENERATED: frozenset({built_in.GENERATED, built_in.LOCK_FILES}),
    gitattributes.VENDORED: frozenset({built_in.VENDORED, built_in.DEPENDENCIES}),
}
"""Which kinds of built-in patterns an attribute takes back where it is unset."""


def is_rule_file(path: str) -> bool:
    """Return whether a change of the file at a path, with ``/``, can change what is indexed."""
    return path.rpartition("/")[2] in IGNORE_FILES or _IN_GIT_FOLDER.search(path) is not None


def shown(text: str) -> str:
    """Return a name or pattern as it may stand in a sentence: whatever cannot be printed is escaped."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


@dataclass(frozen=True, slots=True)
class Source:
    """The patterns of one file or setting.

    Attributes:
        label: for people.
        layer: one of the five layers.
        depth: how many names of a path stand before what the patterns are about.
        patterns: in their order.
    """

    label: str
    layer: int
    depth: int
    patterns: PatternList

    def find(self, parts: Parts, *, is_folder: bool) -> "Decision | None":
        """Return what the last matching pattern says, or None."""
        inner = parts[self.depth :] if self.depth else parts
        index = self.patterns.last_match(inner, is_folder=is_folder)
        return None if index < 0 else self.decision(index)

    def decision(self, index: int) -> "Decision":
        """Return what a pattern says where it matches."""
        pattern = self.patterns.patterns[index]
        rank = (self.layer, self.depth, index)
        kind = built_in.KINDS[index] if self.layer == BUILT_IN else ""
        return Decision(not pattern.negated, pattern.text, self.label, pattern.line, rank, kind)


@dataclass(frozen=True, slots=True)
class AttributeSource:
    """What one ``.gitattributes`` says, by attribute."""

    label: str
    depth: int
    lists: dict[str, AttributeList]


@dataclass(frozen=True, slots=True)
class Decision:
    """What one rule says of a path.

    Attributes:
        out: whether it leaves the path out; otherwise it takes it back.
        text: the pattern as written.
        label: where it stands.
        line: in there, counted from 1; 0 where lines mean nothing.
        rank: how strong it is.
        kind: the kind of a built-in pattern.
        attribute: the attribute that the pattern gives, if that is how it decides.
    """

    out: bool
    text: str
    label: str
    line: int
    rank: Rank
    kind: str = ""
    attribute: str = ""

    def sentence(self, subject: str) -> str:
        """Return it as a sentence about something."""
        label = f"built-in rule ({self.kind})" if self.kind else self.label
        rule = f"'{shown(self.text)}' in {label}" + (f", line {self.line}" if self.line else "")
        if self.attribute:
            return f"{subject} is marked {'' if self.out else '-'}{self.attribute} by {rule}."
        return f"{subject} matches {rule}." if self.out else f"{subject} is taken back by {rule}."


@dataclass(frozen=True, slots=True)
class Reach:
    """A pattern that can take back something beneath a folder that is left out."""

    pattern: Pattern
    depth: int
    decision: Decision

    def into(self, folder: Parts, *, named: bool = False) -> bool:
        """Return whether it may match something beneath a folder."""
        return self.pattern.could_fit_beneath(folder[self.depth :], named=named)

    def takes_back(self, parts: Parts, *, is_folder: bool) -> bool:
        """Return whether it matches a path."""
        if is_folder and self.decision.attribute:
            return False  # Attributes belong to files.
        if self.pattern.folders_only and not is_folder:
            return False
        return self.pattern.fits(parts[self.depth :])


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources that count in one folder, each strongest first."""

    own: tuple[Source, ...] = ()
    git: tuple[Source, ...] = ()
    attributes: tuple[AttributeSource, ...] = ()

    def decide(self, parts: Parts, *, is_folder: bool) -> Decision | None:
        """Return the strongest rule that matches a path, whatever is said of the folders above it."""
        for source in self.own:
            if (found := source.find(parts, is_folder=is_folder)) is not None:
                return found
        reason: Decision | None = None
        for source in self.git:
            if (found := source.find(parts, is_folder=is_folder)) is not None:
                if found.out:
                    return found
                reason = found  # What git tracks may still be vendored or a lock file.
                break
        cancelled: frozenset[str] = frozenset()
        if self.attributes and not is_folder:
            for attribute, kinds in _CANCELS.items():
                found = self.attribute(parts, attribute)
                if found is not None and found.out:
                    return found
                if found is not None:
                    cancelled |= kinds
                    reason = found
        return _built_in(parts, cancelled, is_folder=is_folder) or reason

    def attribute(self, parts: Parts, name: str) -> Decision | None:
        """Return what the attributes of a file say, ``out`` where the attribute is set."""
        for source in self.attributes:
            found = source.lists[name].find(parts[source.depth :]) if name in source.lists else None
            if found is not None:
                pattern, value = found
                rank = (ATTRIBUTES, source.depth, pattern.line)
                return None if value is None else Decision(
                    value, pattern.text, source.label, pattern.line, rank, attribute=name
                )  # fmt: skip
        return None

    def reaching_into(self, folder: Parts, left_out: Decision) -> Iterator[Reach]:
        """Yield what can take back something beneath a folder that a rule has left out, in no order.

        A pattern must name the folder to reach into it: ``!node_modules/ours/**`` does, while ``!*.py`` and
        ``!**/src/**`` say nothing of what lies in ``node_modules``. So few folders are walked for nothing.
        """
        for source in self.own:
            for index, pattern in enumerate(source.patterns.patterns):
                if pattern.negated:
                    reach = Reach(pattern, source.depth, source.decision(index))
                    if reach.decision.rank > left_out.rank and reach.into(folder, named=True):
                        yield reach
        for source in self.attributes:
            for name, lines in source.lists.items():
                if left_out.kind not in _CANCELS[name]:
                    continue
                for pattern, value in zip(lines.patterns.patterns, lines.values, strict=True):
                    rank = (ATTRIBUTES, source.depth, pattern.line)
                    decision = Decision(False, pattern.text, source.label, pattern.line, rank, attribute=name)
                    reach = Reach(pattern, source.depth, decision)
                    if value is False and reach.into(folder, named=True):
                        yield reach

    def decide_beneath(
        self, parts: Parts, left_out: Decision, reaches: Sequence[Reach], *, is_folder: bool
    ) -> Decision:
        """Return the strongest rule for a path beneath a folder that is left out but can be reached into."""
        fitting = [reach.decision for reach in reaches if reach.takes_back(parts, is_folder=is_folder)]
        valid = [found for found in fitting if not found.attribute or self.attribute(parts, found.attribute) == found]
        taken_back = max(valid, key=lambda decision: decision.rank, default=left_out)
        own = self.decide(parts, is_folder=is_folder)
        if own is not None and own.out and (taken_back.attribute or own.rank > taken_back.rank):
            return own  # An attribute takes back from rules of its kind only, and ``decide`` has seen to that.
        return taken_back


_ALL_BUILT_IN = Source("", BUILT_IN, 0, built_in.built_in())


def _built_in(parts: Parts, cancelled: frozenset[str], *, is_folder: bool) -> Decision | None:
    found = _ALL_BUILT_IN.find(parts, is_folder=is_folder)
    if found is None or found.kind not in cancelled:
        return found
    patterns, kinds = built_in.built_in_without(cancelled)
    index = patterns.last_match(parts, is_folder=is_folder)
    if index < 0:
        return None
    return Decision(True, patterns.patterns[index].text, "", 0, (BUILT_IN, 0, index), kinds[index])
