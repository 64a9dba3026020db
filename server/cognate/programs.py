"""Where a program lies that is run for the user. Any thread."""

import shutil
from pathlib import Path


def program_outside(folder: Path, name: str) -> str | None:
    """Return where a program lies; None where there is none, or where the folder brings it along.

    Windows looks in the working folder before anywhere else, and PATH may name it elsewhere; what lies in a workspace
    must never be run because somebody opened it. So nothing is run by its bare name.
    """
    found = shutil.which(name)
    if found is None or Path(found).resolve().is_relative_to(folder.resolve()):
        return None
    return found
