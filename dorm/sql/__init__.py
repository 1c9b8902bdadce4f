"""The language floor: SQL as a tree of nodes, and one compiler per dialect that turns it into text.

Nothing here knows models, connections or values: a node holds slots, and a statement holds placeholders.
"""
