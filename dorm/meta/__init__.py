"""What models are, as data: options, relations, the registry, and what the names in a query mean.

Knows fields by what they answer, never models' behaviour, queries or databases.
"""
