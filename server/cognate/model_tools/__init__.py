"""The tool chain for embedding models: export to ONNX, quantize to int8, check against the source.

Runs from the command line only, in an environment with the extra ``models``; nothing at run time imports it.
"""
