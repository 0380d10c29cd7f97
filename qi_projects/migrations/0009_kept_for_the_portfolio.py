"""PostgreSQL keeps on a project's row by what thousands of them are counted: its score, measures and cohorts (ADR 0096).

Each is reckoned anew from the rows that it follows from, once the project's row is held: of two who write at the same
moment, the later one reads what the earlier one has written.
"""

import django.contrib.postgres.fields
from django.db import migrations, models

KEEP = """
CREATE FUNCTION qi_projects_keep_on_project(kept bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    score numeric;
    shown varchar[];
    cohorts bigint[];
BEGIN
    PERFORM FROM qi_projects_project WHERE id = kept FOR NO KEY UPDATE;
    -- Each statement from here on reads what was committed before the row was held.
    score := (
        SELECT each.score FROM qi_projects_progressscore AS each WHERE project_id = kept ORDER BY id DESC LIMIT 1
    );
    SELECT COALESCE(
        array_agg(DISTINCT shows::text ORDER BY shows::text) FILTER (WHERE shows IN ('improving', 'worsening', 'changed')),
        CASE WHEN bool_or(shows = 'steady') THEN ARRAY['steady'] ELSE ARRAY['too_few'] END
    ) INTO shown FROM qi_projects_measure WHERE project_id = kept AND put_away_at IS NULL;
    cohorts := ARRAY(
        SELECT DISTINCT membership.cohort_id FROM qi_projects_teamplace AS place
        JOIN cohorts_membership AS membership ON membership.id = place.membership_id
        WHERE place.project_id = kept ORDER BY membership.cohort_id
    );
    UPDATE qi_projects_project SET latest_score = score, measures_show = shown, cohort_keys = cohorts
    WHERE id = kept AND (latest_score, measures_show, cohort_keys) IS DISTINCT FROM (score, shown, cohorts);
END
$$;

SELECT qi_projects_keep_on_project(id) FROM qi_projects_project;

CREATE FUNCTION qi_projects_keep_of_its_project() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM qi_projects_keep_on_project(OLD.project_id);
    END IF;
    IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND NEW.project_id <> OLD.project_id) THEN
        PERFORM qi_projects_keep_on_project(NEW.project_id);
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER keep_the_latest_score AFTER INSERT OR DELETE OR UPDATE OF score, project_id ON qi_projects_progressscore
FOR EACH ROW EXECUTE FUNCTION qi_projects_keep_of_its_project();

CREATE TRIGGER keep_what_measures_show
AFTER INSERT OR DELETE OR UPDATE OF shows, put_away_at, project_id ON qi_projects_measure
FOR EACH ROW EXECUTE FUNCTION qi_projects_keep_of_its_project();

CREATE TRIGGER keep_its_cohorts AFTER INSERT OR DELETE OR UPDATE OF membership_id, project_id ON qi_projects_teamplace
FOR EACH ROW EXECUTE FUNCTION qi_projects_keep_of_its_project();

-- The place in a cohort for which a project comes to count, and its moving to another cohort, wait for one another.
CREATE FUNCTION qi_projects_hold_its_membership() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM cohorts_membership WHERE id = NEW.membership_id FOR KEY SHARE;
    RETURN NEW;
END
$$;

CREATE TRIGGER hold_its_membership BEFORE INSERT OR UPDATE OF membership_id ON qi_projects_teamplace
FOR EACH ROW EXECUTE FUNCTION qi_projects_hold_its_membership();

CREATE FUNCTION qi_projects_keep_of_its_places() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM qi_projects_keep_on_project(project_id) FROM (
        SELECT DISTINCT project_id FROM qi_projects_teamplace WHERE membership_id = NEW.id ORDER BY project_id
    ) AS counts_for_it;
    RETURN NULL;
END
$$;

CREATE TRIGGER keep_the_cohorts_of_projects AFTER UPDATE OF cohort_id ON cohorts_membership
FOR EACH ROW WHEN (OLD.cohort_id <> NEW.cohort_id) EXECUTE FUNCTION qi_projects_keep_of_its_places();

-- Whoever saves a project as they read it would write over what was kept meanwhile: only the triggers above (which this
-- one then finds itself inside of) may change it. A new project has nothing yet.
CREATE FUNCTION qi_projects_keep_as_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.latest_score := NULL;
        NEW.measures_show := ARRAY['too_few'];
        NEW.cohort_keys := '{}';
    ELSIF pg_trigger_depth() = 1 THEN
        NEW.latest_score := OLD.latest_score;
        NEW.measures_show := OLD.measures_show;
        NEW.cohort_keys := OLD.cohort_keys;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER keep_as_kept BEFORE INSERT OR UPDATE OF latest_score, measures_show, cohort_keys ON qi_projects_project
FOR EACH ROW EXECUTE FUNCTION qi_projects_keep_as_kept();
"""

KEEP_NOTHING = """
DROP TRIGGER keep_as_kept ON qi_projects_project;
DROP FUNCTION qi_projects_keep_as_kept();
DROP TRIGGER keep_the_cohorts_of_projects ON cohorts_membership;
DROP FUNCTION qi_projects_keep_of_its_places();
DROP TRIGGER hold_its_membership ON qi_projects_teamplace;
DROP FUNCTION qi_projects_hold_its_membership();
DROP TRIGGER keep_its_cohorts ON qi_projects_teamplace;
DROP TRIGGER keep_what_measures_show ON qi_projects_measure;
DROP TRIGGER keep_the_latest_score ON qi_projects_progressscore;
DROP FUNCTION qi_projects_keep_of_its_project();
DROP FUNCTION qi_projects_keep_on_project(bigint);
"""


class Migration(migrations.Migration):
    """By what the portfolio is counted and filtered, and the triggers that keep it."""

    dependencies = [("qi_projects", "0008_what_was_read_is_published")]

    operations = [
        migrations.AddField(
            model_name="project",
            name="latest_score",
            field=models.DecimalField(
                decimal_places=1,
                editable=False,
                help_text="Kept by PostgreSQL. Empty: never scored.",
                max_digits=2,
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="project",
            name="measures_show",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=9),
                default=list,
                editable=False,
                help_text="Kept by PostgreSQL: each signal in what is still measured. Without one: steady, or too_few.",
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="project",
            name="cohort_keys",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                default=list,
                editable=False,
                help_text="Kept by PostgreSQL: the cohorts for which it counts, of whoever is or was in the team.",
                size=None,
            ),
        ),
        migrations.RunSQL(KEEP, KEEP_NOTHING),
        migrations.AddIndex(
            model_name="project",
            index=models.Index(
                fields=["state"],
                include=[
                    *("latest_score", "measures_show", "cohort_keys"),
                    *("theme", "organisation", "last_activity_at"),
                ],
                condition=models.Q(active_since__isnull=False),
                name="projects_as_they_are_counted",
            ),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(
                condition=models.Q(("state", "published")),
                fields=["result", "-published_at", "-id"],
                name="publications_by_result",
            ),
        ),
        # Projects are filtered by what is kept on their own rows.
        migrations.RemoveIndex(model_name="measure", name="measures_by_what_they_show"),
    ]
