"""Nodes that speak the interfaces of other packages, where those are installed."""
