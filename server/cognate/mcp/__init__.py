"""Cognate for agents: a server of the Model Context Protocol, and its entry in agents' configuration files."""
