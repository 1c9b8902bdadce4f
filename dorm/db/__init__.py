"""The database floor: from a statement and its parameters to rows, in two colours.

:mod:`~dorm.db.backends` hold the drivers (the only twins), :mod:`~dorm.db.pool` the connections,
:mod:`~dorm.db.transactions` the tree of blocks, :mod:`~dorm.db.executor` what every statement passes through.
Nothing here knows models or queries.
"""
