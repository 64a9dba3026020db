"""``python -m cognate`` is the command line."""

from cognate.cli.main import program

program()
