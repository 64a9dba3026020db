"""What an environment of the extension goes without, and why. Needs only Python's own library.

Most of an environment is never read: grammars of languages that a folder does not have, the installer, tests, and tool
chains inside packages. Some packages are not installed at all; of the others, some files are removed, and the grammars
are packed until the server first meets their language (``cognate/chunking/grammars.py``).
"""

import shutil
import zipfile
from pathlib import Path

NOT_INSTALLED = {
    "coloredlogs": "onnxruntime names it, and imports it in its tool chain only",
    "flatbuffers": "onnxruntime names it, and imports it in its tool chain only",
    "hf-xet": "speeds up large downloads from the hub; huggingface-hub works without",
    "humanfriendly": "only coloredlogs imports it",
    "mpmath": "only sympy imports it",
    "protobuf": "onnxruntime names it, and imports it in its tool chain only",
    "pyreadline3": "only humanfriendly imports it",
    "sympy": "onnxruntime names it, and imports it in its tool chain only",
}
"""Packages that others ask for and nothing imports while the server runs; the lock leaves them out."""

REMOVED = {
    "pip": "nothing is installed into an environment after it is made",
    "pip-*": "as pip",
    "setuptools": "nothing is built in an environment",
    "setuptools-*": "as setuptools",
    "pkg_resources": "as setuptools",
    "_distutils_hack": "as setuptools",
    "distutils-precedence.pth": "as setuptools",
    "**/tests": "tests of packages",
    "**/*.pyi": "types, for whoever writes code with a package",
    "numpy/_core/include": "headers, for whoever compiles against numpy",
    "numpy/_core/lib": "static libraries, as the headers",
    "numpy/_core/_simd.*": "lets numpy's tests look at its vector instructions",
    "numpy/f2py": "compiles Fortran",
    "numpy/random/lib": "static libraries, as the headers",
    "onnxruntime/capi/libonnxruntime.so.*": "the library for C programs; Python's module holds the same code itself",
    "onnxruntime/datasets": "example models",
    "onnxruntime/quantization": "tool chain that makes models",
    "onnxruntime/tools": "tool chain that makes models",
    "onnxruntime/transformers": "tool chain that makes models",
}
"""Files and folders of site-packages, as patterns."""

GRAMMARS = Path("tree_sitter_language_pack", "bindings")
PACKED = "grammars.zip"
"""Beside the folder of the grammars. They take a tenth of their size in it, and a workspace needs few of them."""

_LEVEL = 4  # Half the time of zlib's usual level, for a megabyte more.


def slim(site_packages: Path) -> None:
    """Remove from an environment what the server does without, and pack the grammars."""
    for pattern in REMOVED:
        for path in list(site_packages.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    _pack(site_packages / GRAMMARS)


def _pack(folder: Path) -> None:
    libraries = sorted(path for path in folder.glob("*") if path.suffix in (".so", ".pyd"))
    if not libraries:
        return
    with zipfile.ZipFile(folder.parent / PACKED, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for path in libraries:
            archive.write(path, f"{folder.name}/{path.name}")
    for path in libraries:
        path.unlink()
