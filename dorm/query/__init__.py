"""From a query, which is a value, to a plan: SQL text, a binder and a hydrator, cached by shape.

Knows models by their options and fields; knows nothing of connections.
"""
