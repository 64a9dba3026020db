"""Editors, their tools and Java out of Debian's packages, unpacked in a cache folder: nothing of the system is changed.

``program(name)`` installs on first use. The cache is ``$XDG_CACHE_HOME/cognate-tools``, by default in ``~/.cache``.
Usage from a shell: ``python tests/editors/debian.py PROGRAM [ARGUMENT ...]`` runs a program, ``--all`` installs all.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

SOURCES = (Path("/etc/apt/sources.list"), Path("/etc/apt/sources.list.d"))
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
PATCHELF = "patchelf>=0.17"


@dataclass(frozen=True)
class Toolbox:
    """Packages that are unpacked together, and the programs in them.

    In the texts ``{root}`` stands for the folder they are unpacked in and ``{triplet}`` for the machine's kind.

    Attributes:
        suite: the Debian release they come from.
        packages: what is wanted; dependencies come along.
        binary: the executable to be made independent of the system's libraries, a pattern under ``{root}``.
        parts: executables that it starts, patterns likewise.
        command: what a call of the program runs; the binary if empty.
        variables: environment of the program.
        without: dependencies that its use here does not need.
    """

    suite: str
    packages: tuple[str, ...]
    binary: str
    parts: tuple[str, ...] = ()
    command: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()


NEOVIM = {
    "packages": ("neovim",),
    "binary": "usr/bin/nvim",
    "variables": {"VIMRUNTIME": "{root}/usr/share/nvim/runtime"},
}

PROGRAMS = {
    "nvim-0.10": Toolbox("trixie", **NEOVIM),
    "nvim-newest": Toolbox("sid", **NEOVIM),
    "luacheck": Toolbox(
        "trixie",
        ("lua-check",),
        "usr/bin/lua5.1",
        command='"{root}/usr/bin/lua5.1" "{root}/usr/bin/luacheck"',
        variables={
            "LUA_PATH": "{root}/usr/share/lua/5.1/?.lua;{root}/usr/share/lua/5.1/?/init.lua",
            "LUA_CPATH": "{root}/usr/lib/{triplet}/lua/5.1/?.so",
        },
    ),
    "tmux": Toolbox(
        "trixie",
        ("tmux", "ncurses-base"),
        "usr/bin/tmux",
        variables={"TERMINFO_DIRS": "{root}/usr/share/terminfo:{root}/lib/terminfo"},
    ),
    "hx": Toolbox("trixie", ("hx",), "usr/bin/hx"),
    "ctags": Toolbox("trixie", ("universal-ctags",), "usr/bin/ctags-universal"),
    "emacs": Toolbox(
        "trixie",
        ("emacs-nox",),
        "usr/bin/emacs-nox",
        command='"{binary}" --dump-file="$(echo "{root}"/usr/libexec/emacs/30.1/{triplet}/emacs-*.pdmp)"',
        variables={
            "EMACSLOADPATH": "{root}/usr/share/emacs/30.1/lisp",
            "EMACSDATA": "{root}/usr/share/emacs/30.1/etc",
            "EMACSPATH": "{root}/usr/libexec/emacs/30.1/{triplet}",
        },
        # Its Lisp sources, and what it would compile Lisp with.
        without=("emacs-el", "emacsen-common", "install-info", ".*-dev", "binutils.*", ".*san[0-9]"),
    ),
    "java": Toolbox(
        "trixie",
        ("openjdk-21-jre-headless",),
        "usr/lib/jvm/java-21-*/bin/java",
        parts=("usr/lib/jvm/java-21-*/lib/jspawnhelper",),
        # What only its certificates, and the packages' own scripts, need.
        without=("ca-certificates.*", "openssl.*", "libssl.*", "debconf", "libpam.*", "util-linux"),
    ),
}


def program(name: str) -> Path:
    """Return a program's path, installed now if it is not there yet."""
    folder = _cache() / name
    with _alone(name):
        if not (folder / "ready").exists():
            _install(name, PROGRAMS[name], folder)
    return folder / name


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(home) / "cognate-tools"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Keep other processes from installing the same thing meanwhile."""
    with (_cache() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install(name: str, toolbox: Toolbox, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    root = folder / "root"
    root.mkdir(parents=True)
    _unpack(toolbox, root)
    libraries = next(root.glob("usr/lib/*-linux-gnu*"))
    loaders = [
        path for pattern in ("usr/lib64/ld-*", "usr/lib/ld-*", "usr/lib/*/ld-linux*") for path in root.glob(pattern)
    ]
    binary = _only(root, toolbox.binary)
    # Paths inside the file, not LD_LIBRARY_PATH: a language server started from here must not inherit them.
    for part in (binary, *(_only(root, pattern) for pattern in toolbox.parts)):
        paths = [own for own in _run(_patchelf(), "--print-rpath", str(part)).strip().split(":") if own]
        paths = ":".join([*paths, str(libraries)])
        _run(_patchelf(), "--set-interpreter", str(loaders[0]), "--force-rpath", "--set-rpath", paths, str(part))
    values = {"root": str(root), "triplet": libraries.name, "binary": str(binary)}
    variables = [f'export {key}="{value.format(**values)}"' for key, value in toolbox.variables.items()]
    command = (toolbox.command or '"{binary}"').format(**values)
    script = folder / name
    script.write_text("\n".join(["#!/bin/sh", *variables, f'exec {command} "$@"', ""]), encoding="utf-8")
    script.chmod(0o755)
    (folder / "ready").touch()


def _only(root: Path, pattern: str) -> Path:
    """Return the file that a pattern names, which links may name, too."""
    (found,) = {path.resolve() for path in root.glob(pattern)}
    return found


def _unpack(toolbox: Toolbox, root: Path) -> None:
    """Fetch packages and what they depend on with apt, beside the system's own state, and unpack them."""
    apt = _cache() / "apt" / toolbox.suite
    for folder in ("etc/apt.conf.d", "etc/preferences.d", "etc/trusted.gpg.d", "lists/partial", "archives/partial"):
        (apt / folder).mkdir(parents=True, exist_ok=True)
    (apt / "status").touch()
    (apt / "etc/sources.list").write_text(f"deb [signed-by={KEYRING}] {_mirror()} {toolbox.suite} main\n")
    settings = {
        "Dir": apt, "Dir::Etc": apt / "etc", "Dir::State": apt, "Dir::State::status": apt / "status",
        "Dir::State::lists": apt / "lists", "Dir::Cache": apt, "Dir::Cache::archives": apt / "archives",
        "APT::Install-Recommends": "false", "APT::Sandbox::User": "root", "Acquire::Retries": "3",
    }  # fmt: skip
    options = [part for key, value in settings.items() for part in ("-o", f"{key}={value}")]
    with _alone(f"apt-{toolbox.suite}"), tempfile.TemporaryDirectory(dir=apt) as scratch:
        _run("apt-get", *options, "-qq", "update")
        plan = _run("apt-get", *options, "-qq", "--print-uris", "install", *toolbox.packages)
        names = [file.split("_", 1)[0] for file in re.findall(r"^'[^']+' (\S+)", plan, re.MULTILINE)]
        unwanted = re.compile("|".join(toolbox.without) or "$^")
        _run("apt-get", *options, "-qq", "download", *(n for n in names if not unwanted.fullmatch(n)), cwd=scratch)
        for package in Path(scratch).glob("*.deb"):
            _run("dpkg", "-x", str(package), str(root))
    for link in (path for path in root.rglob("*") if path.is_symlink()):
        target = link.readlink()
        if target.is_absolute():  # It names what the package would have put there.
            link.unlink()
            link.symlink_to(root / target.relative_to("/"))


def _mirror() -> str:
    """Return the Debian mirror that the system uses."""
    for source in SOURCES:
        files = sorted(source.iterdir()) if source.is_dir() else [source] if source.exists() else []
        for file in files:
            found = re.search(r"https?://(?!security)[^\s\"']+/debian/?(?=\s|$)", file.read_text(encoding="utf-8"))
            if found:
                return found[0]
    raise RuntimeError(
        "The editors and Java for the tests come from Debian's packages, and this system names no Debian mirror."
    )


def _patchelf() -> str:
    folder = _cache() / "patchelf"
    with _alone("patchelf"):
        if not (folder / "bin/patchelf").exists():
            _run(sys.executable, "-m", "pip", "install", "-qq", "--target", str(folder), PATCHELF)
    return str(folder / "bin/patchelf")


def _run(*command: str, cwd: str | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:3])} … failed:\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    if sys.argv[1:] == ["--all"]:
        for every in PROGRAMS:
            program(every)
    else:
        path = str(program(sys.argv[1]))
        os.execv(path, [path, *sys.argv[2:]])
