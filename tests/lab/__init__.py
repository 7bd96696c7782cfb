"""Scripted peers of a closed world: authorities, a name server, homeservers, namespaces."""
