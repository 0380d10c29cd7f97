"""What kind a component is stays, once it has sessions or evidence: what others hold of those depends on it."""

from django.db import migrations

KINDS_STAY = """
CREATE FUNCTION cohorts_component_keeps_its_kind() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Whoever is adding a session holds the component by its key, see below: they are waited for, and so seen.
    PERFORM 1 FROM cohorts_component WHERE id = OLD.id FOR UPDATE;
    IF EXISTS (SELECT FROM cohorts_session WHERE component_id = OLD.id)
    OR EXISTS (SELECT FROM cohorts_evidence WHERE component_id = OLD.id) THEN
        RAISE EXCEPTION 'a component with sessions or evidence stays of its kind'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_component_keeps_its_kind';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER a_component_keeps_its_kind BEFORE UPDATE OF kind ON cohorts_component
FOR EACH ROW WHEN (NEW.kind IS DISTINCT FROM OLD.kind) EXECUTE FUNCTION cohorts_component_keeps_its_kind();

CREATE FUNCTION cohorts_session_holds_its_component() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- At once: the foreign key itself does so as the transaction ends.
    PERFORM 1 FROM cohorts_component WHERE id = NEW.component_id FOR KEY SHARE;
    RETURN NEW;
END
$$;

CREATE TRIGGER holds_its_component BEFORE INSERT OR UPDATE OF component_id ON cohorts_session
FOR EACH ROW EXECUTE FUNCTION cohorts_session_holds_its_component();
"""

ANY_KIND = """
DROP TRIGGER holds_its_component ON cohorts_session;
DROP FUNCTION cohorts_session_holds_its_component();
DROP TRIGGER a_component_keeps_its_kind ON cohorts_component;
DROP FUNCTION cohorts_component_keeps_its_kind();
"""


class Migration(migrations.Migration):
    """The triggers."""

    dependencies = [("cohorts", "0026_pages_that_go")]

    operations = [migrations.RunSQL(KINDS_STAY, ANY_KIND)]
