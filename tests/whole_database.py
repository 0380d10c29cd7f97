"""All that PostgreSQL holds, as text: for tests of what is nowhere in it."""

from django.db import connection


def everything_in_the_database() -> str:
    """Return every row of every table as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        rows = []
        for table in tables:
            cursor.execute(f"SELECT row::text FROM {table} AS row")  # noqa: S608  # names that PostgreSQL quoted
            rows += [row for (row,) in cursor.fetchall()]
    return "\n".join(rows).lower()
