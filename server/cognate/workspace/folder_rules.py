"""What the rules say of a name in one folder: which of several layers of them decides, and as which sentence.

Pure, any thread: reads no file. ``ignore`` finds the rules of each folder. Precedence is said there.
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass

from cognate.workspace import patterns
from cognate.workspace.patterns import AttributeList, Pattern, PatternList
from cognate.workspace.repository import NOTHING_TRACKED, Tracked

BUILT_IN, ATTRIBUTES, GIT, SETTING, OWN = range(5)
"""Layers of rules, weakest first."""

_CANCELS = {
    patterns.LINGUIST_GENERATED: frozenset({patterns.GENERATED, patterns.LOCK_FILES}),
    patterns.LINGUIST_VENDORED: frozenset({patterns.VENDORED, patterns.DEPENDENCIES}),
}
"""Which kinds of built-in patterns an attribute takes back where it is unset."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a file may be indexed, and the rule that says so, as a sentence.

    Attributes:
        included: whether it may be indexed; of a folder, whether something in it may be.
        rule: the one rule that decided.
        re_included: a rule of the user's takes this very file back, so it is indexed even if it looks generated.
    """

    included: bool
    rule: str
    re_included: bool = False


INCLUDED = Verdict(True, "No rule leaves it out.")


def shown(text: str) -> str:
    """Return a name or pattern as it may stand in a sentence: whatever cannot be printed is escaped."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


@dataclass(frozen=True, slots=True)
class Decision:
    """What one rule says of a path.

    Attributes:
        out: whether it leaves the path out; otherwise it takes it back.
        text: the pattern as written.
        source: where it stands, as people write it.
        rank: how strong it is: its layer, the length of its file's folder, its line in there.
        kind: the kind of a built-in pattern.
        attribute: the attribute that the pattern gives, if that is how it decides.
        subject: what it is about.
        sentence: what it says instead of naming a pattern, after the subject.
    """

    out: bool
    text: str
    source: str
    rank: tuple[int, int, int]
    kind: str = ""
    attribute: str = ""
    subject: str = "It"
    sentence: str = ""

    def __str__(self) -> str:
        if self.sentence:
            return f"{self.subject} {self.sentence}"
        rule = f"'{shown(self.text)}' in {self.source}"
        if self.attribute:
            return f"{self.subject} is marked {'' if self.out else '-'}{self.attribute} by {rule}."
        return f"{self.subject} {'matches' if self.out else 'is taken back by'} {rule}."


@dataclass(frozen=True, slots=True)
class Source:
    """The patterns of one file or setting.

    Attributes:
        label: for people.
        layer: one of the five layers.
        begin: how many bytes of a path stand before what the patterns are about.
        patterns: in their order.
    """

    label: str
    layer: int
    begin: int
    patterns: PatternList

    def find(self, path: bytes, name: bytes, *, is_folder: bool) -> Decision | None:
        """Return what the last matching pattern says, or None."""
        pattern = self.patterns.last_match(path[self.begin :], name, is_folder=is_folder)
        return None if pattern is None else self.decision(pattern)

    def decision(self, pattern: Pattern) -> Decision:
        """Return what a pattern says where it matches."""
        source = self.label if self.layer == SETTING else f"{self.label}, line {pattern.line}"
        return Decision(not pattern.negated, pattern.text, source, (self.layer, self.begin, pattern.line))


@dataclass(frozen=True, slots=True)
class Attributes:
    """What one ``.gitattributes`` says, by attribute."""

    label: str
    begin: int
    lists: dict[str, AttributeList]

    def decision(self, name: str, pattern: Pattern, *, out: bool) -> Decision:
        """Return what a pattern says that sets or unsets an attribute."""
        rank = (ATTRIBUTES, self.begin, pattern.line)
        return Decision(out, pattern.text, f"{self.label}, line {pattern.line}", rank, attribute=name)


@dataclass(frozen=True, slots=True)
class Reach:
    """A pattern that can take back something beneath a folder that is left out."""

    pattern: Pattern
    begin: int
    decision: Decision

    def into(self, folder: bytes, *, named: bool = False) -> bool:
        """Return whether it may match something beneath a folder."""
        return self.pattern.could_fit_beneath(folder[self.begin :], named=named)

    def takes_back(self, path: bytes, *, is_folder: bool) -> bool:
        """Return whether it matches a path; attributes belong to files."""
        kind_fits = not self.decision.attribute if is_folder else not self.pattern.folders_only
        return kind_fits and self.pattern.fits(path[self.begin :])


@dataclass(frozen=True, slots=True)
class FolderRules:
    """What holds for the files of one folder.

    Attributes:
        path: from the root of the repository that the workspace folder lies in, with a slash at its end.
        verdict: on the folder.
        own, git, attributes: the sources that count in it, each strongest first.
        left_out: the rule that leaves the folder out.
        reaches: what may take back something in it all the same.
        ignored: the rule by which git ignores the folder, so that only what it tracks in there counts.
        repository: how many bytes of the path lead to the innermost repository's root.
        tracked: what that repository tracks.
        names: the files in this folder that it tracks.
        submodules: paths of that repository's submodules, relative to its root.
        checkout: which repository the files in here are a checkout of, as ``GitFolder.identity``; empty if of none.
        taken_back: whether a rule of the user's takes back this folder or one around it.
    """

    path: bytes
    verdict: Verdict = INCLUDED
    own: tuple[Source, ...] = ()
    git: tuple[Source, ...] = ()
    attributes: tuple[Attributes, ...] = ()
    left_out: Decision | None = None
    reaches: tuple[Reach, ...] = ()
    ignored: Decision | None = None
    repository: int = 0
    tracked: Tracked = NOTHING_TRACKED
    names: Set[bytes] = frozenset()
    submodules: frozenset[bytes] = frozenset()
    checkout: str = ""
    taken_back: bool = False

    def decide(self, name: bytes, *, is_folder: bool, is_tracked: bool) -> Decision | None:
        """Return the strongest rule that matches a name in here, whatever else is said of this folder."""
        path = self.path + name
        for source in self.own:
            if (found := source.find(path, name, is_folder=is_folder)) is not None:
                return found
        reason = None if is_tracked else self.git_decision(path, name, is_folder=is_folder)
        if reason is not None and reason.out:
            return reason  # Otherwise it is what git does not ignore, and may still be vendored or a lock file.
        cancelled: frozenset[str] = frozenset()
        if self.attributes and not is_folder:
            for attribute, kinds in _CANCELS.items():
                found = self.attribute(path, name, attribute)
                if found is not None and found.out:
                    return found
                if found is not None:
                    cancelled |= kinds
                    reason = found
        pattern = patterns.built_in(cancelled).last_match(path, name, is_folder=is_folder)
        if pattern is None:
            return reason
        kind = patterns.KINDS[pattern.line]
        return Decision(True, pattern.text, f"built-in rule ({kind})", (BUILT_IN, 0, pattern.line), kind)

    def git_decision(self, path: bytes, name: bytes, *, is_folder: bool) -> Decision | None:
        """Return what git's ignore files say of a path, as if git did not track it."""
        if self.ignored is not None:
            return self.ignored
        found = (source.find(path, name, is_folder=is_folder) for source in self.git)
        return next((decision for decision in found if decision is not None), None)

    def attribute(self, path: bytes, name: bytes, attribute: str) -> Decision | None:
        """Return what the attributes of a file say, ``out`` where the attribute is set."""
        for source in self.attributes:
            lines = source.lists.get(attribute)
            pattern = lines and lines.patterns.last_match(path[source.begin :], name, is_folder=False)
            if lines and pattern:
                value = lines.values[pattern.line]
                return None if value is None else source.decision(attribute, pattern, out=value)
        return None

    def reaching_into(self, folder: bytes, left_out: Decision) -> Iterator[Reach]:
        """Yield what can take back something beneath a folder in here that a rule has left out, in no order.

        A pattern must name the folder to reach into it: ``!node_modules/ours/**`` does, while ``!*.py`` and
        ``!**/src/**`` say nothing of what lies in ``node_modules``. So few folders are walked for nothing.
        """
        found: list[Reach] = []
        for source in self.own:
            found += [Reach(p, source.begin, source.decision(p)) for p in source.patterns.patterns if p.negated]
        found = [reach for reach in found if reach.decision.rank > left_out.rank]
        for source in self.attributes:
            for name, lines in source.lists.items():
                if left_out.kind in _CANCELS[name]:
                    unset = (p for p in lines.patterns.patterns if lines.values[p.line] is False)
                    found += [Reach(p, source.begin, source.decision(name, p, out=False)) for p in unset]
        return (reach for reach in found if reach.into(folder, named=True))

    def decide_beneath(self, left_out: Decision, name: bytes, *, is_folder: bool, is_tracked: bool) -> Decision:
        """Return the strongest rule for a name in here, where this folder is left out but can be reached into."""
        path = self.path + name
        fitting = [reach.decision for reach in self.reaches if reach.takes_back(path, is_folder=is_folder)]
        valid = [d for d in fitting if not d.attribute or self.attribute(path, name, d.attribute) == d]
        taken_back = max(valid, key=lambda decision: decision.rank, default=left_out)
        own = self.decide(name, is_folder=is_folder, is_tracked=is_tracked)
        if own is not None and own.out and (taken_back.attribute or own.rank > taken_back.rank):
            return own  # An attribute takes back from rules of its kind only, and ``decide`` has seen to that.
        return taken_back
