"""Importing lists by file: what a file would do is worked out and shown first, and done only when it is confirmed.

An app says what a file of its own does in a `Kind` (`portal.imports.kinds`); the rest is the same for all. It is all or
nothing: a file with one row that is wrong does nothing, so that the corrected file can simply be uploaded again, and
what is confirmed is done in one transaction, at once where it is short and else by a worker. A worker that dies has
done nothing, and the next one begins anew.

Between preview and confirmation the rows wait for 30 minutes in the cache, under a key that stands in the preview's
page alone (`portal.kept_sealed`). From then until they are imported they are in PostgreSQL, sealed under SECRET_KEY.
"""
