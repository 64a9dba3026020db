"""The command line: arguments, logging and wiring; no logic of its own."""
