"""The tool chain for embedding models: export to ONNX, quantize to int8, check against the source, ship.

Runs from a checkout only (``python -m tools.models``), in an environment with the extra ``models``; the server never
imports it and its wheel does not contain it.
"""
