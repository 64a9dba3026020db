"""``python -m cognate.cli`` is the command line."""

from cognate.cli.main import program

program()
