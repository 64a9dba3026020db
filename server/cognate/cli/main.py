"""Declares the arguments and hands over to a command. Imports nothing heavy, so that ``--help`` is instant."""

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from cognate import __version__
from cognate.cli.exit_codes import ERROR, FOUND, INTERRUPTED
from cognate.errors import CognateError
from cognate.search.request import KINDS, SIMILAR

FILTERS = (
    "A query may hold filters: lang:python and path:src/ limit the search to a language and to a folder, "
    '-lang:markdown and -path:tests leave one out, and "exact words" must stand in each result.'
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        parser = build_parser(given[0] if given else "")
        options = parser.parse_args(given)
    except UsageError as error:
        sys.stderr.write(str(error))
        raise SystemExit(ERROR) from None
    if not hasattr(options, "run"):
        parser.print_help()
        return ERROR
    prepare(options)
    try:
        return options.run(options)
    except CognateError as error:
        from cognate.cli.output import write_note  # noqa: PLC0415 - nothing else here needs it

        write_note(str(error))
        return ERROR
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away, as `head` does; point stdout elsewhere so that exit does not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FOUND


def prepare(options: argparse.Namespace) -> None:
    """Set up what a command needs of the process before it runs."""
    # More BLAS threads than cores make the small products of a query forty times slower; set before numpy loads.
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    if not getattr(options, "logs_late", False) or options.verbose or options.log_file is not None:
        from cognate.cli import logs  # noqa: PLC0415 - takes as long as a question to another process

        logs.set_up(options)


def program() -> NoReturn:
    """Be the process: run one command and end with its exit code.

    All that is to be kept is on disk when a command returns; to free every object before the end takes a tenth of the
    time of a search.
    """
    code = main()
    try:
        if (logging := sys.modules.get("logging")) is not None:  # Whoever only asked another process has none.
            logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        pass  # As in ``main``.
    os._exit(code)


class UsageError(Exception):
    """The arguments cannot be read; the message says how to give them."""


class _Help(argparse.HelpFormatter):
    """Looks how wide the terminal is when help is shown; argparse makes a formatter for each argument, too."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=80)

    def format_help(self) -> str:
        import shutil  # noqa: PLC0415 - takes a tenth of a search

        self._width = shutil.get_terminal_size().columns - 2
        return super().format_help()


class _Parser(argparse.ArgumentParser):
    """A parser whose arguments, and those of its commands, are quick to add, and that leaves what to say to others."""

    def __init__(self, **more: Any) -> None:
        super().__init__(formatter_class=_Help, **more)
        self._flags_anywhere = True

    def add_subparsers(self, **more: Any) -> Any:
        """Add commands; what follows one of them is for its own parser."""
        self._flags_anywhere = False
        return super().add_subparsers(**more)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Read arguments; flags may also stand between a question and its folder, unless there is a ``--``."""
        if not self._flags_anywhere or "--" in (args or ()):  # The first of the two passes would lose it.
            return super().parse_known_args(args, namespace)
        self._flags_anywhere = False  # The intermixed reading calls this method for each of its two passes.
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._flags_anywhere = True

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong with the arguments."""
        raise UsageError(f"{self.format_usage()}{self.prog}: error: {message}\n")


def build_parser(only: str = "") -> argparse.ArgumentParser:
    """Return the parser of all commands, or of one alone: to build the others takes as long as a question."""
    parser = _Parser(prog="cognate", description="Find code by meaning, on your own machine.")
    parser.add_argument("--version", action="version", version=f"cognate {__version__}")
    common = _Parser(add_help=False)
    common.add_argument("--log-file", type=Path, help="write the log there instead of to stderr")
    common.add_argument("-v", "--verbose", action="store_true", help="log what happens, not only what goes wrong")
    data = _Parser(add_help=False, parents=[common])
    data.add_argument("--json", action="store_true", help="machine-readable output")
    scoped = _Parser(add_help=False, parents=[data])
    scoped.add_argument("-n", "--limit", type=_positive, default=10, help="how many results (default 10)")
    scoped.add_argument("--lang", action="append", default=[], help="only this language; may be repeated")
    scoped.add_argument(
        "--include", action="append", default=[], metavar="GLOB", help="only paths that match; may be repeated"
    )
    scoped.add_argument(
        "--exclude", action="append", default=[], metavar="GLOB", help="leave out paths that match; may be repeated"
    )
    ranked = _Parser(add_help=False, parents=[scoped])
    ranked.add_argument("--explain", action="store_true", help="say why each result is there")
    ranked.add_argument("--now", action="store_true", help="do not wait until all has embeddings")
    ranked.add_argument(
        "--trace", dest="stages", action="store_true", help="say on stderr how long each stage of the answer took"
    )
    engine = _Parser(add_help=False)
    engine.add_argument("--model", default="", help="embedding model: a folder or hub repository (default: shipped)")
    engine.add_argument("--threads", type=_count, default=0, help="threads for indexing (default: all cores)")
    engine.add_argument(
        "--vectors",
        action="append",
        default=[],
        metavar="DIR",
        help="folder with vectors to take before the model is asked; may be repeated",
    )
    engine.add_argument(
        "--vectors-key", default="", metavar="FILE", help="public key that must have signed the vectors"
    )

    commands: dict[str, tuple[str, list[_Parser], Callable[[argparse.ArgumentParser], None]]] = {
        "serve": ("run the language server", [common], _add_serve),
        "mcp": ("answer coding agents over MCP", [common, engine], _add_mcp),
        "agents": ("let coding agents use Cognate", [], lambda parser: _add_agents_commands(parser, data)),
        "index": ("index a folder", [data, engine], _add_index),
        "search": ("search a folder by meaning", [ranked, engine], _add_search),
        "related": ("find code related to the code at a line", [ranked, engine], _add_related),
        "duplicates": ("find definitions that do the same", [scoped, engine], _add_duplicates),
        "history": ("search the history of a folder by meaning", [data, engine], _add_history),
        "status": ("show the state of a folder's index", [data, engine], _add_status),
        "explain": ("say why a file is or is not indexed", [data, engine], _add_explain),
        "doctor": ("check this installation", [data, engine], lambda parser: parser.set_defaults(run=_run("doctor"))),
        "clean": ("remove a folder's index from the cache", [data], _add_clean),
        "vectors": (
            "export vectors for other machines, and check vectors",
            [],
            lambda parser: _add_vectors_commands(parser, data, engine),
        ),
        "graph": (
            "export, rank and import the reference graph",
            [],
            lambda parser: _add_graph_commands(parser, data, engine),
        ),
        "spark": (
            "embed and rank many repositories with Spark",
            [],
            lambda parser: _add_spark_commands(parser, data),
        ),
    }
    if only and not only.startswith("-") and only not in commands:
        raise UsageError(_unknown(only, list(commands)))
    parts = parser.add_subparsers(title="commands", metavar="COMMAND", prog=parser.prog)
    for name in [only] if only in commands else commands:
        text, parents, add_arguments = commands[name]
        add_arguments(parts.add_parser(name, parents=parents, help=text))
    return parser


def _unknown(command: str, commands: Sequence[str]) -> str:
    """Return what to say of a command that there is not."""
    import difflib  # noqa: PLC0415 - nothing else here needs it

    near = difflib.get_close_matches(command, commands, n=1)
    advice = f"Did you mean {near[0]}?" if near else f"There are {', '.join(commands)}."
    return f"cognate: error: there is no command {command!r}. {advice}\n"


def _add_index(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", default=".", help="the folder (default: here)")
    parser.add_argument("--watch", action="store_true", help="keep running and index what changes, until Ctrl-C")
    parser.set_defaults(run=_index)


def _add_related(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("location", metavar="FILE:LINE", help="a line of a file, counted from 1")
    parser.add_argument("path", nargs="?", default=None, help="the folder to look in (default: here)")
    parser.add_argument("--kind", choices=KINDS, default=SIMILAR, help="how it is related (default: similar)")
    parser.set_defaults(run=_run("related", "search"), logs_late=True)


def _add_history(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", help="what a commit did, in words; a title or a diff (- reads stdin); or FILE:LINE")
    parser.add_argument("path", nargs="?", default=None, help="the folder (default: here)")
    parser.add_argument("-n", "--limit", type=_positive, default=10, help="how many commits (default 10)")
    parser.add_argument("--since", default="", metavar="DATE", help="only commits since then, such as 2024-01-31")
    parser.add_argument(
        "--path", dest="glob", action="append", default=[], metavar="GLOB", help="only commits that changed such files"
    )
    parser.add_argument(
        "--near", action="append", default=[], metavar="FILE", help="also say what usually changes with this file"
    )
    parser.set_defaults(run=_run("history", "history"), logs_late=True)


def _add_status(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", default=".", help="the folder (default: here)")
    parser.set_defaults(run=_run("status"))


def _add_explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", help="the file")
    parser.add_argument("path", nargs="?", default=None, help="the workspace folder (default: here)")
    parser.set_defaults(run=_run("explain"))


def _add_clean(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", default=".", help="the folder (default: here)")
    parser.add_argument("--all", action="store_true", help="remove the indexes of all folders and all stored vectors")
    parser.set_defaults(run=_run("clean"))


def _add_search(parser: argparse.ArgumentParser) -> None:
    parser.epilog = FILTERS
    parser.add_argument("query", nargs="?", help="what you are looking for, in words or as a name; may hold filters")
    parser.add_argument("path", nargs="?", default=None, help="the folder (default: here)")
    parser.add_argument("--reranker", default="", metavar="MODEL", help="cross-encoder that orders the best results")
    parser.add_argument(
        "--also", action="append", default=[], metavar="TEXT", help="another wording of the query; may be repeated"
    )
    parser.add_argument(
        "--rephrase", action="store_true", help="ask a chat model for other wordings; sends it the query's text"
    )
    parser.add_argument(
        "--rephrase-endpoint",
        default=os.environ.get("COGNATE_REPHRASE_ENDPOINT", ""),
        metavar="URL",
        help="the chat model's address, such as http://127.0.0.1:11434/v1 (default: $COGNATE_REPHRASE_ENDPOINT)",
    )
    parser.add_argument(
        "--rephrase-model",
        default=os.environ.get("COGNATE_REPHRASE_MODEL", ""),
        metavar="NAME",
        help="the chat model's name (default: $COGNATE_REPHRASE_MODEL, or the first that is listed)",
    )
    parser.add_argument(
        "--queries", type=Path, metavar="FILE", help="answer each line of a file instead, text or JSON; - reads stdin"
    )
    parser.set_defaults(run=_run("search", "search"), logs_late=True)


def _add_duplicates(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", default=None, help="the folder (default: here)")
    parser.add_argument("--tests", action="store_true", help="compare the definitions of tests, too")
    parser.set_defaults(run=_run("duplicates", "duplicates"), logs_late=True)


def _add_serve(parser: argparse.ArgumentParser) -> None:
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--stdio", action="store_true", help="speak over stdin and stdout (default)")
    where.add_argument("--tcp", metavar="HOST:PORT", help="listen on a loopback address, for debugging")
    parser.add_argument("--trace", action="store_true", help="log how long each stage of a query and each job takes")
    parser.set_defaults(run=_run("serve", "serve"))


def _add_mcp(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", default=None, help="the folder (default: the repository around this one)")
    parser.add_argument("--http", metavar="HOST:PORT", help="listen on a loopback address instead of stdin and stdout")
    parser.set_defaults(run=_run("mcp", "mcp"))


def _add_agents_commands(parser: argparse.ArgumentParser, data: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, text in (
        ("install", "add Cognate to the configuration of the agents on this machine"),
        ("uninstall", "remove it from there again"),
        ("list", "show which agents are on this machine and which have Cognate"),
    ):
        part = parts.add_parser(name, parents=[data], help=text)
        part.add_argument(
            "--only", action="append", default=[], metavar="NAME", help="only this agent; may be repeated"
        )
        if name != "list":
            part.add_argument("--dry-run", action="store_true", help="say what would be done, and change nothing")
        part.set_defaults(run=_run("list_" if name == "list" else name, "agents"))


def _add_graph_commands(
    parser: argparse.ArgumentParser, data: argparse.ArgumentParser, engine: argparse.ArgumentParser
) -> None:
    parts = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    repo = "what to call the folder in the files (default: its name)"
    export = parts.add_parser("export", parents=[data, engine], help="write a folder's reference graph as CSV files")
    export.add_argument("path", nargs="?", default=".", help="the folder (default: here)")
    export.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write")
    export.add_argument("--repo", default="", metavar="NAME", help=repo)
    export.set_defaults(run=_run("export", "graph"))
    rank = parts.add_parser("rank", parents=[data], help="compute PageRank of exported graphs; several count as one")
    rank.add_argument("folders", nargs="*", type=Path, metavar="DIR", help="a folder that export wrote")
    rank.add_argument("--documents", type=Path, metavar="FILE", help="documents.csv, instead of DIR")
    rank.add_argument("--references", type=Path, metavar="FILE", help="references.csv, instead of DIR")
    rank.add_argument("--monikers", type=Path, metavar="FILE", help="monikers.csv, instead of DIR")
    directions = ["undirected", "directed", "reversed"]
    rank.add_argument("--direction", choices=directions, default="undirected", help="which way rank flows")
    rank.add_argument("--symbols", action="store_true", help="rank definitions instead of files")
    rank.add_argument("--unweighted", action="store_true", help="count who refers to whom, not how often, as GraphX")
    rank.add_argument("--out", type=Path, metavar="DIR", help="write ranks.csv there instead of printing all")
    rank.add_argument("-n", "--limit", type=_positive, help="print only the highest N")
    rank.set_defaults(run=_run("rank", "graph"))
    bring = parts.add_parser(
        "import", parents=[data, engine], help="use ranks that were computed elsewhere in a folder"
    )
    bring.add_argument(
        "source", nargs="?", type=Path, metavar="DIR", help="a folder with files of repo,path,rank, or one such file"
    )
    bring.add_argument("path", nargs="?", default=None, help="the folder (default: here)")
    bring.add_argument("--repo", default="", metavar="NAME", help=repo)
    bring.add_argument("--clear", action="store_true", help="use Cognate's own ranks again")
    bring.set_defaults(run=_run("import_", "graph"))


def _add_vectors_commands(
    parser: argparse.ArgumentParser, data: argparse.ArgumentParser, engine: argparse.ArgumentParser
) -> None:
    parts = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    export = parts.add_parser("export", parents=[data, engine], help="write the vectors of folders, for other machines")
    export.add_argument("paths", nargs="+", metavar="PATH", help="a folder; it is indexed first")
    export.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write, or to add to")
    export.add_argument(
        "--precision", choices=["float16", "int8"], default="float16", help="how numbers are stored (default: float16)"
    )
    export.add_argument("--sign", type=Path, metavar="FILE", help="private key in PEM form that signs them")
    export.set_defaults(run=_run("export", "vectors"))
    check = parts.add_parser("check", parents=[data, engine], help="check vectors, and how much of a folder they cover")
    check.add_argument("mount", type=Path, metavar="DIR", help="folder with vectors")
    check.add_argument("path", nargs="?", default=None, help="a folder of code that they should cover")
    check.set_defaults(run=_run("check", "vectors"))


def _add_spark_commands(parser: argparse.ArgumentParser, data: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    job = _Parser(add_help=False, parents=[data])
    job.add_argument(
        "--out", required=True, metavar="DIR", help="folder to write: a path, or a URI that all workers know"
    )
    job.add_argument("--master", default="", metavar="URL", help="where it runs, such as local[2] or spark://host:7077")
    embed = parts.add_parser("embed", parents=[job], help="write the vectors of repositories, for other machines")
    embed.add_argument("repositories", type=Path, metavar="REPOS", help="a CSV file: name, path or URL, revision")
    embed.add_argument("--model", default="", help="embedding model: a folder on every worker (default: shipped)")
    embed.add_argument(
        "--precision", choices=["float16", "int8"], default="float16", help="how numbers are stored (default: float16)"
    )
    embed.add_argument("--sign", type=Path, metavar="FILE", help="private key in PEM form that signs them")
    embed.set_defaults(run=_run("embed", "spark"))
    rank = parts.add_parser("rank", parents=[job], help="compute PageRank of exported graphs with GraphX")
    rank.add_argument("graphs", nargs="+", metavar="GRAPH", help="what cognate graph export wrote: a path or a URI")
    directions = ["undirected", "directed", "reversed"]
    rank.add_argument("--direction", choices=directions, default="undirected", help="which way rank flows")
    rank.add_argument("--symbols", action="store_true", help="rank definitions instead of files")
    rank.set_defaults(run=_run("rank", "spark"))


def _run(name: str, module: str = "commands"):  # noqa: ANN202 - the type is argparse's affair
    def run(options: argparse.Namespace) -> int:  # Heavy imports come after the arguments are read.
        return getattr(importlib.import_module(f"cognate.cli.{module}"), name)(options)

    return run


def _index(options: argparse.Namespace) -> int:
    from cognate.cli import unchanged  # noqa: PLC0415 - as above

    return _run("index")(options) if options.watch or not unchanged.tell(options) else FOUND


def _positive(text: str) -> int:
    value = _number(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def _count(text: str) -> int:
    value = _number(text)
    if value < 0:
        raise argparse.ArgumentTypeError("must not be negative")
    return value


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a whole number, not {text!r}") from None
