"""That no file is left behind, held by PostgreSQL: a file goes with its row, whoever deletes that, and in what way."""

from django.db.migrations import RunSQL


def goes_with_its_row(table: str) -> RunSQL:
    """Return the operation by which a file is deleted with the row of `table` that held it, or once it holds another.

    `table` is that of a `HoldsFile`. Its migration depends on the first of `attachments`, which has the function.
    """
    return RunSQL(
        f"""
        CREATE TRIGGER file_goes_with_its_row AFTER DELETE OR UPDATE OF file_id ON {table}
        FOR EACH ROW EXECUTE FUNCTION attachments_go();
        """,
        f"DROP TRIGGER file_goes_with_its_row ON {table};",
    )
