"""PostgreSQL holds that what an editor has read is what is published, and that nobody is named who was never there."""

from django.db import migrations, models

WHAT_WAS_READ_STAYS = """
CREATE FUNCTION qi_projects_keep_what_was_read() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('draft', 'returned') OR (OLD.state = 'sent' AND NEW.state IN ('draft', 'returned')) THEN
        RETURN NEW;
    END IF;
    IF (OLD.state = 'published' AND NEW.state NOT IN ('published', 'taken_back'))
        OR (OLD.state = 'taken_back' AND NEW.state <> 'taken_back')
    THEN
        RAISE EXCEPTION 'what was published is not written on again'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'what_was_published_is_not_written_on_again';
    END IF;
    IF ROW(
        NEW.project_id, NEW.title, NEW.setting, NEW.theme_id, NEW.organisation_name, NEW.noticed, NEW.aim,
        NEW.what_changed, NEW.result, NEW.what_came_of_it, NEW.tell_next, NEW.measures_shown, NEW.shows_diagram,
        NEW.diagram
    ) IS DISTINCT FROM ROW(
        OLD.project_id, OLD.title, OLD.setting, OLD.theme_id, OLD.organisation_name, OLD.noticed, OLD.aim,
        OLD.what_changed, OLD.result, OLD.what_came_of_it, OLD.tell_next, OLD.measures_shown, OLD.shows_diagram,
        OLD.diagram
    ) THEN
        RAISE EXCEPTION 'what an editor reads, or has read, is not changed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'what_was_read_is_published';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER what_was_read_is_published BEFORE UPDATE ON qi_projects_publication
FOR EACH ROW EXECUTE FUNCTION qi_projects_keep_what_was_read();

CREATE FUNCTION qi_projects_keep_charts_that_were_read() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    step text;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        SELECT state INTO step FROM qi_projects_publication WHERE id = OLD.publication_id FOR SHARE;
        IF step IN ('sent', 'published') OR (TG_OP = 'UPDATE' AND step = 'taken_back') THEN
            RAISE EXCEPTION 'a chart that an editor reads, or has read, is not changed'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'charts_that_were_read_are_published';
        END IF;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    SELECT state INTO step FROM qi_projects_publication WHERE id = NEW.publication_id FOR SHARE;
    IF step NOT IN ('draft', 'returned') THEN
        RAISE EXCEPTION 'a chart is added before an editor reads'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'charts_that_were_read_are_published';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER charts_that_were_read_are_published BEFORE INSERT OR UPDATE OR DELETE ON qi_projects_publishedchart
FOR EACH ROW EXECUTE FUNCTION qi_projects_keep_charts_that_were_read();
"""

WHAT_WAS_READ_CHANGES = """
DROP TRIGGER charts_that_were_read_are_published ON qi_projects_publishedchart;
DROP FUNCTION qi_projects_keep_charts_that_were_read();
DROP TRIGGER what_was_read_is_published ON qi_projects_publication;
DROP FUNCTION qi_projects_keep_what_was_read();
"""

NAMED_WHO_WERE_THERE = """
CREATE FUNCTION qi_projects_require_a_place_to_be_named() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM qi_projects_publication AS told
        JOIN qi_projects_teamplace AS place ON place.project_id = told.project_id
        WHERE told.id = NEW.publication_id AND place.user_id = NEW.person_id
    ) THEN
        RAISE EXCEPTION 'who never was in the team is not asked whether to be named'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'who_answers_is_or_was_in_the_team';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER who_answers_is_or_was_in_the_team
BEFORE INSERT OR UPDATE OF publication_id, person_id ON qi_projects_namingconsent
FOR EACH ROW EXECUTE FUNCTION qi_projects_require_a_place_to_be_named();
"""

ANYBODY_IS_NAMED = """
DROP TRIGGER who_answers_is_or_was_in_the_team ON qi_projects_namingconsent;
DROP FUNCTION qi_projects_require_a_place_to_be_named();
"""


class Migration(migrations.Migration):
    dependencies = [("qi_projects", "0007_portfolio")]

    operations = [
        migrations.AlterField(
            model_name="publication",
            name="result",
            field=models.CharField(
                blank=True,
                choices=[
                    ("improved", "It got better"),
                    ("mixed", "Some of it got better, and some did not"),
                    ("no_change", "Nothing changed that we can see"),
                    ("worse", "It got worse"),
                    ("cannot_tell", "We cannot tell"),
                ],
                max_length=11,
                verbose_name="whether it got better",
            ),
        ),
        migrations.AlterField(
            model_name="publication",
            name="what_came_of_it",
            field=models.TextField(blank=True, verbose_name="what came of it"),
        ),
        migrations.RunSQL(WHAT_WAS_READ_STAYS, WHAT_WAS_READ_CHANGES),
        migrations.RunSQL(NAMED_WHO_WERE_THERE, ANYBODY_IS_NAMED),
    ]
