"""A page of self-study that is deleted takes along who is on it at that moment, which no earlier look can have seen."""

from typing import ClassVar

from django.db import migrations

KEYS = (
    ("cohorts_study", "place_id", "cohorts_study_place_id_aa8dea99_fk_cohorts_coursepage_id", "SET NULL"),
    ("cohorts_pagedone", "page_id", "cohorts_pagedone_page_id_c04a23c0_fk_cohorts_coursepage_id", "CASCADE"),
)
AGAIN = """
ALTER TABLE {table} DROP CONSTRAINT {name};
ALTER TABLE {table} ADD CONSTRAINT {name}
    FOREIGN KEY ({column}) REFERENCES cohorts_coursepage (id) {on_delete} DEFERRABLE INITIALLY DEFERRED;
"""


def keys(*, act: bool) -> str:
    """Return the statements that make the keys anew: with what PostgreSQL does on a deletion, or without."""
    return "".join(
        AGAIN.format(table=table, name=name, column=column, on_delete=f"ON DELETE {deed}" if act else "")
        for table, column, name, deed in KEYS
    )


class Migration(migrations.Migration):
    """Let PostgreSQL do what Django does on deleting a page, for what is written while Django does it."""

    dependencies: ClassVar = [("cohorts", "0025_files_as_materials")]

    operations: ClassVar = [migrations.RunSQL(keys(act=True), keys(act=False))]
