"""Who refers to whom: the graph of files and symbols of one workspace, and how central each is in it.

Pure but for ``exchange``, which reads and writes CSV files. Knows neither the index nor how text is parsed; takes what
chunking found by name. Never decides how much a rank counts: that is the ranking's affair.
"""
