"""A cohort's `taken` is counted once for each statement, and no longer for each row of it.

Ten thousand people who are enrolled in one transaction changed their cohort's row ten thousand times, and each change
walked past all that went before: 25 seconds, and 73 for twice as many people. What is promised stays the same: the
check `taken <= places` refuses one person too many, whoever writes it.
"""

from importlib import import_module

from django.db import migrations

by_row = import_module("cohorts.migrations.0009_places_of_a_cohort")

COUNT_BY_STATEMENT = """
DROP TRIGGER count_members_on_insert_or_delete ON cohorts_membership;
DROP TRIGGER count_members_on_update ON cohorts_membership;
DROP FUNCTION cohorts_count_members();

CREATE FUNCTION cohorts_count_members() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changes refcursor;
    changed_cohort bigint;
    by_number bigint;
BEGIN
    -- Each branch reads what its own statement left; cohorts in the order in which every verb locks them.
    IF TG_OP = 'INSERT' THEN
        OPEN changes FOR
            SELECT cohort_id, count(*) FROM after_it WHERE state IN ('enrolled', 'offered')
            GROUP BY cohort_id ORDER BY cohort_id;
    ELSIF TG_OP = 'DELETE' THEN
        OPEN changes FOR
            SELECT cohort_id, -count(*) FROM before_it WHERE state IN ('enrolled', 'offered')
            GROUP BY cohort_id ORDER BY cohort_id;
    ELSE
        OPEN changes FOR
            SELECT cohort_id, sum(number) FROM (
                SELECT cohort_id, 1 AS number FROM after_it WHERE state IN ('enrolled', 'offered')
                UNION ALL
                SELECT cohort_id, -1 FROM before_it WHERE state IN ('enrolled', 'offered')
            ) AS each GROUP BY cohort_id HAVING sum(number) <> 0 ORDER BY cohort_id;
    END IF;
    LOOP
        FETCH changes INTO changed_cohort, by_number;
        EXIT WHEN NOT FOUND;
        UPDATE cohorts_cohort SET taken = taken + by_number WHERE id = changed_cohort;
    END LOOP;
    CLOSE changes;
    RETURN NULL;
END
$$;

CREATE TRIGGER count_members_on_insert AFTER INSERT ON cohorts_membership
REFERENCING NEW TABLE AS after_it FOR EACH STATEMENT EXECUTE FUNCTION cohorts_count_members();

CREATE TRIGGER count_members_on_update AFTER UPDATE ON cohorts_membership
REFERENCING OLD TABLE AS before_it NEW TABLE AS after_it
FOR EACH STATEMENT EXECUTE FUNCTION cohorts_count_members();

CREATE TRIGGER count_members_on_delete AFTER DELETE ON cohorts_membership
REFERENCING OLD TABLE AS before_it FOR EACH STATEMENT EXECUTE FUNCTION cohorts_count_members();
"""

# What 0009 made, without its first statement and its last trigger, which are still as they were.
_BEGINS, _ENDS = by_row.COUNT_PLACES.index("CREATE FUNCTION"), by_row.COUNT_PLACES.index("-- As on sessions")
COUNT_BY_ROW = f"""
DROP TRIGGER count_members_on_insert ON cohorts_membership;
DROP TRIGGER count_members_on_update ON cohorts_membership;
DROP TRIGGER count_members_on_delete ON cohorts_membership;
DROP FUNCTION cohorts_count_members();
{by_row.COUNT_PLACES[_BEGINS:_ENDS]}
"""


class Migration(migrations.Migration):
    """The count of a cohort's places, by statement."""

    dependencies = [("cohorts", "0020_completion_rules")]

    operations = [migrations.RunSQL(COUNT_BY_STATEMENT, COUNT_BY_ROW)]
