"""A cohort's `taken` is kept by a trigger on memberships, as a session's is by one on bookings (0002).

So the check `taken <= places` refuses one person too many, enrolled or offered a place, whoever writes it.
"""

from django.db import migrations

COUNT_PLACES = """
UPDATE cohorts_cohort AS cohort
SET taken = counted.number, places = greatest(cohort.places, counted.number)
FROM (
    SELECT cohort_id, count(*) AS number FROM cohorts_membership WHERE state IN ('enrolled', 'offered')
    GROUP BY cohort_id
) AS counted
WHERE cohort.id = counted.cohort_id;

CREATE FUNCTION cohorts_count_members() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    gives_up bigint;
    takes bigint;
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.state IN ('enrolled', 'offered') THEN
        gives_up := OLD.cohort_id;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.state IN ('enrolled', 'offered') THEN
        takes := NEW.cohort_id;
    END IF;
    IF gives_up IS DISTINCT FROM takes THEN
        UPDATE cohorts_cohort SET taken = taken - 1 WHERE id = gives_up;
        UPDATE cohorts_cohort SET taken = taken + 1 WHERE id = takes;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER count_members_on_insert_or_delete AFTER INSERT OR DELETE ON cohorts_membership
FOR EACH ROW EXECUTE FUNCTION cohorts_count_members();

CREATE TRIGGER count_members_on_update AFTER UPDATE OF state, cohort_id ON cohorts_membership
FOR EACH ROW EXECUTE FUNCTION cohorts_count_members();

-- As on sessions: whoever saves a cohort as they read it must not write an old count.
CREATE TRIGGER keep_count BEFORE UPDATE OF taken ON cohorts_cohort
FOR EACH ROW EXECUTE FUNCTION cohorts_keep_count();
"""

COUNT_NO_PLACES = """
DROP TRIGGER keep_count ON cohorts_cohort;
DROP TRIGGER count_members_on_insert_or_delete ON cohorts_membership;
DROP TRIGGER count_members_on_update ON cohorts_membership;
DROP FUNCTION cohorts_count_members();
"""


class Migration(migrations.Migration):
    """The count of a cohort's places."""

    dependencies = [("cohorts", "0008_getting_in")]

    operations = [migrations.RunSQL(COUNT_PLACES, COUNT_NO_PLACES)]
