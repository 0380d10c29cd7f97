"""How long what is kept about people stays, what is disposed of then, and what a legal hold keeps (ADR 0073).

An app says in its module `retention` what it keeps about people, for how long, and how it is disposed of, as a
`portal.retention.categories.Category`. Nothing here knows of any app.
"""
