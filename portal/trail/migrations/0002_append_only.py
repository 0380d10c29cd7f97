"""PostgreSQL refuses to change the trail, whichever way it is asked."""

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION trail_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the trail is append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER trail_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON trail_entry
FOR EACH STATEMENT EXECUTE FUNCTION trail_refuse_change();
"""

CHANGEABLE = """
DROP TRIGGER trail_is_append_only ON trail_entry;
DROP FUNCTION trail_refuse_change();
"""


class Migration(migrations.Migration):
    """The append-only trigger."""

    dependencies = [("trail", "0001_initial")]

    operations = [migrations.RunSQL(APPEND_ONLY, CHANGEABLE)]
