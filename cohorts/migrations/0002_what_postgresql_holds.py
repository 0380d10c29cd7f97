"""What Django's models cannot say, PostgreSQL holds all the same.

* A booking's copies of its session's component and time, and of its membership's person, are composite foreign keys:
  they cannot drift, and they follow when a session moves (ON UPDATE CASCADE).
* A session's `taken` is kept by a trigger on bookings, so that the check `taken <= places` refuses one booking too many
  whoever writes it; nothing else can change the count.
* Evidence is an append-only ledger.
"""

from django.db import migrations

COMPOSITE_KEYS = """
ALTER TABLE cohorts_booking
    ADD CONSTRAINT booking_has_its_sessions_component_and_time
    FOREIGN KEY (session_id, component_id, during)
    REFERENCES cohorts_session (id, component_id, during) ON UPDATE CASCADE,
    ADD CONSTRAINT booking_has_the_bookers_own_membership
    FOREIGN KEY (membership_id, user_id)
    REFERENCES cohorts_membership (id, user_id);
"""

WITHOUT_COMPOSITE_KEYS = """
ALTER TABLE cohorts_booking
    DROP CONSTRAINT booking_has_its_sessions_component_and_time,
    DROP CONSTRAINT booking_has_the_bookers_own_membership;
"""

COUNT_PLACES = """
CREATE FUNCTION cohorts_count_places() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    gives_up bigint;
    takes bigint;
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.state NOT IN ('waiting', 'cancelled') THEN
        gives_up := OLD.session_id;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.state NOT IN ('waiting', 'cancelled') THEN
        takes := NEW.session_id;
    END IF;
    IF gives_up IS DISTINCT FROM takes THEN
        UPDATE cohorts_session SET taken = taken - 1 WHERE id = gives_up;
        UPDATE cohorts_session SET taken = taken + 1 WHERE id = takes;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER count_places_on_insert_or_delete AFTER INSERT OR DELETE ON cohorts_booking
FOR EACH ROW EXECUTE FUNCTION cohorts_count_places();

CREATE TRIGGER count_places_on_update AFTER UPDATE OF state, session_id ON cohorts_booking
FOR EACH ROW EXECUTE FUNCTION cohorts_count_places();

-- Whoever saves a session as they read it would write an old count over bookings made meanwhile: only the triggers
-- above (which this one then finds itself inside of) may change it.
CREATE FUNCTION cohorts_keep_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() = 1 THEN
        NEW.taken := OLD.taken;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER keep_count BEFORE UPDATE OF taken ON cohorts_session
FOR EACH ROW EXECUTE FUNCTION cohorts_keep_count();
"""

COUNT_NO_PLACES = """
DROP TRIGGER keep_count ON cohorts_session;
DROP FUNCTION cohorts_keep_count();
DROP TRIGGER count_places_on_insert_or_delete ON cohorts_booking;
DROP TRIGGER count_places_on_update ON cohorts_booking;
DROP FUNCTION cohorts_count_places();
"""

APPEND_ONLY_EVIDENCE = """
CREATE FUNCTION cohorts_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'evidence is append-only: withdraw a row by a later one' USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER evidence_is_append_only BEFORE UPDATE OR DELETE ON cohorts_evidence
FOR EACH ROW EXECUTE FUNCTION cohorts_refuse_change();

CREATE TRIGGER evidence_is_never_emptied BEFORE TRUNCATE ON cohorts_evidence
FOR EACH STATEMENT EXECUTE FUNCTION cohorts_refuse_change();
"""

CHANGEABLE_EVIDENCE = """
DROP TRIGGER evidence_is_append_only ON cohorts_evidence;
DROP TRIGGER evidence_is_never_emptied ON cohorts_evidence;
DROP FUNCTION cohorts_refuse_change();
"""


class Migration(migrations.Migration):
    """Composite keys, the count of places, the append-only ledger."""

    dependencies = [("cohorts", "0001_initial")]

    operations = [
        migrations.RunSQL(COMPOSITE_KEYS, WITHOUT_COMPOSITE_KEYS),
        migrations.RunSQL(COUNT_PLACES, COUNT_NO_PLACES),
        migrations.RunSQL(APPEND_ONLY_EVIDENCE, CHANGEABLE_EVIDENCE),
    ]
