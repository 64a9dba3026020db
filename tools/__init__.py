"""Tools for whoever works on Cognate in a checkout. Nothing here is installed with it."""
