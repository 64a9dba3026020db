"""Leaves out what another system does not have."""

import sys

collect_ignore = [] if sys.platform == "linux" else ["test_inotify.py"]
