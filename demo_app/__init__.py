"""Boxoffice, a ticket shop: ``python -m demo_app``.

``models``      what the shop knows
``settings``    where its database is
``shop``        what is on, and buying it
``reports``     what was sold
``audit``       who did what, written down by a signal
``seed``        the first season: real cities, invented shows
``main``        the application
``pages``       what a browser sees

There are no accounts: whoever reaches the shop may do everything.
"""
