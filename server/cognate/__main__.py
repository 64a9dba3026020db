"""``python -m cognate`` is the command line."""

from cognate.program import program

program()
