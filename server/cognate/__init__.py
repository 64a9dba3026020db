"""Cognate: find code by meaning, inside the editor."""

__version__ = "0.2.0"
