"""What completes a programme is its own data: choices of components, and the kinds of evidence that fulfil each.

A component that one kind of evidence fulfilled is from now on fulfilled by any of several. Until now each kind counted,
whatever the component said, so that what stands in the ledger today goes on to count: nobody's progress changes.

PostgreSQL holds that a component is part of a choice of its own programme alone, and that a choice has as many
components as it asks for: that is looked at when the transaction ends, since a choice is made before it has any.
"""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import cohorts.models.programmes

SEVERAL_KINDS = """
ALTER TABLE cohorts_component ALTER COLUMN fulfilled_by TYPE varchar(10)[] USING CASE fulfilled_by
    WHEN 'attendance' THEN ARRAY['attendance']
    WHEN 'record' THEN ARRAY['import', 'record']
    ELSE ARRAY[fulfilled_by, 'record']
END;

UPDATE cohorts_component SET fulfilled_by = (
    SELECT array_agg(DISTINCT kind) FROM unnest(fulfilled_by || shown.kinds) AS kind
)
FROM (
    SELECT component_id, array_agg(DISTINCT kind) AS kinds FROM cohorts_evidence AS evidence
    WHERE withdraws_id IS NULL
        AND NOT EXISTS (SELECT FROM cohorts_evidence AS later WHERE later.withdraws_id = evidence.id)
    GROUP BY component_id
) AS shown
WHERE shown.component_id = cohorts_component.id AND NOT fulfilled_by @> shown.kinds;

-- What the update has left to look at is looked at now: a table with such events pending is not altered.
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""

ONE_KIND = """
ALTER TABLE cohorts_component ALTER COLUMN fulfilled_by TYPE varchar(12) USING CASE
    WHEN 'attendance' = ANY (fulfilled_by) THEN 'attendance'
    WHEN 'self_study' = ANY (fulfilled_by) THEN 'self_study'
    WHEN 'project' = ANY (fulfilled_by) THEN 'project'
    ELSE 'record'
END;
"""

CHOICES_FIT = """
ALTER TABLE cohorts_component
    ADD CONSTRAINT component_is_part_of_its_programmes_choice
    FOREIGN KEY (choice_id, programme_id) REFERENCES cohorts_choice (id, programme_id);

CREATE FUNCTION cohorts_require_enough_components() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint;
BEGIN
    IF TG_TABLE_NAME = 'cohorts_choice' THEN
        changed := NEW.id;
    ELSE
        changed := OLD.choice_id;
    END IF;
    PERFORM FROM cohorts_choice
    WHERE id = changed AND at_least > (SELECT count(*) FROM cohorts_component WHERE choice_id = changed);
    IF FOUND THEN
        RAISE EXCEPTION 'a choice asks for no more components than it has'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_choice_has_enough_components';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER a_choice_has_enough_components AFTER INSERT OR UPDATE OF at_least ON cohorts_choice
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cohorts_require_enough_components();

CREATE CONSTRAINT TRIGGER a_choice_keeps_enough_components AFTER DELETE OR UPDATE OF choice_id ON cohorts_component
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cohorts_require_enough_components();
"""

CHOICES_FIT_NO_MORE = """
DROP TRIGGER a_choice_keeps_enough_components ON cohorts_component;
DROP TRIGGER a_choice_has_enough_components ON cohorts_choice;
DROP FUNCTION cohorts_require_enough_components();
ALTER TABLE cohorts_component DROP CONSTRAINT component_is_part_of_its_programmes_choice;
"""


class Migration(migrations.Migration):
    """Choices, kinds of evidence, by when, and what was carried over from where."""

    dependencies = [
        ("cohorts", "0019_figures_of_organisations"),
    ]

    operations = [
        migrations.AddField(
            model_name="component",
            name="within_weeks",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="Counted from the day the cohort starts. Empty: at any time.",
                null=True,
                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(104)],
                verbose_name="to be done within so many weeks",
            ),
        ),
        migrations.AddField(
            model_name="evidence",
            name="copied_from",
            field=models.ForeignKey(
                blank=True,
                help_text="The row of an earlier membership that it was carried over from: it is taken back with that one.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="copies",
                to="cohorts.evidence",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SEVERAL_KINDS, ONE_KIND)],
            state_operations=[
                migrations.AlterField(
                    model_name="component",
                    name="fulfilled_by",
                    field=django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("attendance", "Attended a session"),
                                ("self_study", "Passed the self-study"),
                                ("project", "Project accepted"),
                                ("import", "Learning record imported"),
                                ("record", "Recorded by the programme team"),
                            ],
                            max_length=10,
                        ),
                        default=cohorts.models.programmes.attendance_alone,
                        help_text="Any one of these fulfils it. What shows it in another way is kept, and does not count.",
                        size=None,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Choice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "within_weeks",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Counted from the day the cohort starts. Empty: at any time.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(104),
                        ],
                        verbose_name="to be done within so many weeks",
                    ),
                ),
                ("title", models.CharField(help_text="As people read it, for example: Workshops.", max_length=150)),
                (
                    "at_least",
                    models.PositiveSmallIntegerField(
                        default=1,
                        help_text="How many of its components somebody has to do.",
                        validators=[django.core.validators.MinValueValidator(1)],
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="choices", to="cohorts.programme"
                    ),
                ),
            ],
            options={
                "verbose_name": "choice of components",
                "verbose_name_plural": "choices of components",
                "ordering": ("id",),
            },
        ),
        migrations.AddField(
            model_name="component",
            name="choice",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="components",
                to="cohorts.choice",
            ),
        ),
        migrations.AddConstraint(
            model_name="component",
            constraint=models.CheckConstraint(
                condition=models.Q(("within_weeks__gte", 1)), name="component_gives_a_week_or_more"
            ),
        ),
        migrations.AddConstraint(
            model_name="component",
            constraint=models.CheckConstraint(
                condition=models.Q(("fulfilled_by__len__gt", 0)), name="component_is_fulfilled_by_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="component",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("choice__isnull", True),
                    models.Q(("required", False), ("within_weeks__isnull", True)),
                    _connector="OR",
                ),
                name="a_choice_speaks_for_its_components",
                violation_error_message="This is part of a choice, which says how many are needed and by when. Clear “required” and the weeks, or take it out of the choice first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="choice",
            constraint=models.CheckConstraint(
                condition=models.Q(("at_least__gte", 1)), name="a_choice_asks_for_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="choice",
            constraint=models.CheckConstraint(
                condition=models.Q(("within_weeks__gte", 1)), name="a_choice_gives_a_week_or_more"
            ),
        ),
        migrations.AddConstraint(
            model_name="choice",
            constraint=models.UniqueConstraint(fields=("id", "programme"), name="choice_and_its_programme"),
        ),
        migrations.RunSQL(CHOICES_FIT, CHOICES_FIT_NO_MORE),
    ]
