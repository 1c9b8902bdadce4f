"""Every database action, once: coroutines over an executor, which joins queries to databases.

An action is never an asynchronous generator and never ``@asynccontextmanager``: a closing event loop ends those early,
in silence.  Whatever may wait goes through the executor.
"""
