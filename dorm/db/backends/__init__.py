"""The drivers: the only place where blocking and asynchronous code are written twice."""
