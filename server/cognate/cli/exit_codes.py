"""The codes that the commands end with."""

FOUND = 0
NOTHING_FOUND = 1
ERROR = 2
INTERRUPTED = 130
