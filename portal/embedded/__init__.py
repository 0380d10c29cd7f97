"""The PostgreSQL and Valkey that `make run` and the tests start when none is configured, and what keeps them together.

Nothing here runs in production: there the servers are the organisation's own, and each process has its own supervisor.
"""
