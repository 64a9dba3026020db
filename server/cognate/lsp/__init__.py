"""The wire: the Language Server Protocol on one side, engines on the other."""
