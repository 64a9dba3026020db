"""``python -m cognate.cli`` is the command line."""

import sys

from cognate.cli.main import main

sys.exit(main())
