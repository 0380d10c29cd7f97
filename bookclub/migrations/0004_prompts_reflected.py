"""Reflections on a prompt of a meeting; PostgreSQL holds that it is a prompt of that very meeting.

A prompt that is put in other words becomes a row of its own, so that nothing is read as if written to these.
"""

import django.db.models.deletion
from django.db import migrations, models

PROMPTS_OF_ITS_MEETING = """
CREATE FUNCTION bookclub_require_prompt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM bookclub_prompt AS prompt
        JOIN bookclub_meetingplan AS plan ON plan.id = prompt.plan_id
        WHERE prompt.id = NEW.prompt_id AND plan.session_id = NEW.meeting_id
    ) THEN
        RAISE EXCEPTION 'a reflection on a prompt stands beside the meeting for which that is set'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_reflection_has_a_prompt_of_its_meeting';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER a_reflection_has_a_prompt_of_its_meeting
BEFORE INSERT OR UPDATE OF meeting_id, prompt_id ON bookclub_reflection
FOR EACH ROW WHEN (NEW.prompt_id IS NOT NULL) EXECUTE FUNCTION bookclub_require_prompt();
"""

ANY_PROMPTS = """
DROP TRIGGER a_reflection_has_a_prompt_of_its_meeting ON bookclub_reflection;
DROP FUNCTION bookclub_require_prompt();
"""


class Migration(migrations.Migration):
    """One column more of what a reflection is for."""

    dependencies = [("bookclub", "0003_reflections")]

    operations = [
        migrations.RemoveConstraint(model_name="reflection", name="one_unsaved_reflection_of_each_target"),
        migrations.AddField(
            model_name="reflection",
            name="prompt",
            field=models.ForeignKey(
                help_text="Of the meeting that stands beside it.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reflections",
                to="bookclub.prompt",
            ),
        ),
        migrations.AddConstraint(
            model_name="reflection",
            constraint=models.UniqueConstraint(
                condition=models.Q(("sealed__isnull", True)),
                fields=("author", "cohort", "listed", "meeting", "prompt"),
                name="one_unsaved_reflection_of_each_target",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="reflection",
            constraint=models.CheckConstraint(
                condition=models.Q(("prompt__isnull", True), ("meeting__isnull", False), _connector="OR"),
                name="a_prompt_comes_with_its_meeting",
            ),
        ),
        migrations.AddField(
            model_name="prompt",
            name="reworded_as",
            field=models.OneToOneField(
                editable=False,
                help_text="What took its place, in other words.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reworded_from",
                to="bookclub.prompt",
            ),
        ),
        migrations.AddConstraint(
            model_name="prompt",
            constraint=models.CheckConstraint(
                condition=models.Q(("reworded_as__isnull", True), ("position__isnull", True), _connector="OR"),
                name="what_was_reworded_is_taken_off",
            ),
        ),
        migrations.RunSQL(PROMPTS_OF_ITS_MEETING, ANY_PROMPTS),
    ]
