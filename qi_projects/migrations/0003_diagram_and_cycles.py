"""Driver diagrams and PDSA cycles.

PostgreSQL holds that a link of a diagram joins two neighbouring levels of one project, and that a ramp tries out a
change idea of its own project: the composite foreign keys below name project and level of each box, and the level below
is reckoned from the one above.

It holds, too, that what was predicted is not changed once Do has begun. A trigger on questions locks the cycle's row
while it looks, so that a question is written before Do begins or not at all. That none goes afterwards is looked at as
the transaction ends, because a draft goes with all that it has.
"""

import django.db.models.constraints
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.db import migrations, models

NEIGHBOURS = """
ALTER TABLE qi_projects_diagramlink
    ADD CONSTRAINT a_link_begins_at_a_box_of_its_project_and_level
    FOREIGN KEY (upper_id, project_id, upper_level) REFERENCES qi_projects_diagramitem (id, project_id, level),
    ADD CONSTRAINT a_link_ends_at_a_box_of_the_next_level_of_its_project
    FOREIGN KEY (lower_id, project_id, lower_level) REFERENCES qi_projects_diagramitem (id, project_id, level);

ALTER TABLE qi_projects_ramp
    ADD CONSTRAINT a_ramp_tries_out_a_change_idea_of_its_project
    FOREIGN KEY (idea_id, project_id, idea_level) REFERENCES qi_projects_diagramitem (id, project_id, level);
"""

NEIGHBOURS_NO_MORE = """
ALTER TABLE qi_projects_ramp DROP CONSTRAINT a_ramp_tries_out_a_change_idea_of_its_project;
ALTER TABLE qi_projects_diagramlink
    DROP CONSTRAINT a_link_ends_at_a_box_of_the_next_level_of_its_project,
    DROP CONSTRAINT a_link_begins_at_a_box_of_its_project_and_level;
"""

PREDICTIONS_STAY = """
CREATE FUNCTION qi_projects_lock_predictions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    step text;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.cycle_id <> OLD.cycle_id THEN
        RAISE EXCEPTION 'a question stays in its cycle'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_question_stays_in_its_cycle';
    END IF;
    SELECT state INTO step FROM qi_projects_cycle WHERE id = NEW.cycle_id FOR SHARE;
    IF step <> 'plan' THEN
        RAISE EXCEPTION 'questions and predictions are written before Do begins'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'predictions_stay_once_do_has_begun';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER predictions_stay_once_do_has_begun
BEFORE INSERT OR UPDATE OF text, prediction, cycle_id ON qi_projects_cyclequestion
FOR EACH ROW EXECUTE FUNCTION qi_projects_lock_predictions();

CREATE FUNCTION qi_projects_keep_questions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM qi_projects_cycle WHERE id = OLD.cycle_id AND state <> 'plan') THEN
        RAISE EXCEPTION 'a question is kept once Do has begun'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'questions_are_kept_once_do_has_begun';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER questions_are_kept_once_do_has_begun AFTER DELETE ON qi_projects_cyclequestion
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION qi_projects_keep_questions();

CREATE FUNCTION qi_projects_step_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'plan' AND NEW.state = 'plan' THEN
        RAISE EXCEPTION 'a cycle does not go back to its plan'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_cycle_does_not_go_back_to_its_plan';
    END IF;
    IF OLD.state = 'plan' AND NEW.state NOT IN ('plan', 'abandoned') AND (
        NOT EXISTS (SELECT FROM qi_projects_cyclequestion WHERE cycle_id = NEW.id)
        OR EXISTS (SELECT FROM qi_projects_cyclequestion WHERE cycle_id = NEW.id AND prediction = '')
    ) THEN
        RAISE EXCEPTION 'Do begins with questions, each with its prediction'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'do_begins_with_predictions';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER a_cycle_steps_forward BEFORE UPDATE OF state ON qi_projects_cycle
FOR EACH ROW EXECUTE FUNCTION qi_projects_step_forward();
"""

PREDICTIONS_STAY_NO_MORE = """
DROP TRIGGER a_cycle_steps_forward ON qi_projects_cycle;
DROP TRIGGER questions_are_kept_once_do_has_begun ON qi_projects_cyclequestion;
DROP TRIGGER predictions_stay_once_do_has_begun ON qi_projects_cyclequestion;
DROP FUNCTION qi_projects_step_forward();
DROP FUNCTION qi_projects_keep_questions();
DROP FUNCTION qi_projects_lock_predictions();
"""


class Migration(migrations.Migration):
    """Boxes and links of driver diagrams; ramps, cycles and their questions."""

    dependencies = [
        ("qi_projects", "0002_measures"),
    ]

    operations = [
        migrations.CreateModel(
            name="DiagramItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "Primary driver"), (2, "Secondary driver"), (3, "Change idea")]
                    ),
                ),
                ("text", models.CharField(max_length=200, verbose_name="what it says")),
                ("position", models.PositiveIntegerField()),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="diagram_items",
                        to="qi_projects.project",
                    ),
                ),
            ],
            options={
                "ordering": ("level", "position"),
            },
        ),
        migrations.CreateModel(
            name="DiagramLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("upper_level", models.PositiveSmallIntegerField()),
                (
                    "lower_level",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            models.F("upper_level"), "+", models.Value(1)
                        ),
                        output_field=models.PositiveSmallIntegerField(),
                    ),
                ),
                (
                    "lower",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links_up",
                        to="qi_projects.diagramitem",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="diagram_links",
                        to="qi_projects.project",
                    ),
                ),
                (
                    "upper",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links_down",
                        to="qi_projects.diagramitem",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Ramp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "idea_level",
                    models.GeneratedField(
                        db_persist=True, expression=models.Value(3), output_field=models.PositiveSmallIntegerField()
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="name of the ramp")),
                ("begun_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "idea",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="ramps",
                        to="qi_projects.diagramitem",
                        verbose_name="change idea",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="ramps", to="qi_projects.project"
                    ),
                ),
            ],
            options={
                "ordering": ("begun_at", "id"),
            },
        ),
        migrations.CreateModel(
            name="Cycle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("plan", "Plan"),
                            ("do", "Do"),
                            ("study", "Study"),
                            ("closed", "Closed"),
                            ("abandoned", "Abandoned"),
                        ],
                        default="plan",
                        max_length=9,
                    ),
                ),
                ("objective", models.TextField(blank=True)),
                ("plan_what", models.TextField(blank=True, verbose_name="what will be done")),
                ("plan_who", models.CharField(blank=True, max_length=300, verbose_name="who will do it")),
                ("plan_where", models.CharField(blank=True, max_length=300, verbose_name="where")),
                ("plan_when", models.CharField(blank=True, max_length=300, verbose_name="when")),
                ("began_on", models.DateField(blank=True, null=True, verbose_name="Do began on")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="Do ended on")),
                ("happened", models.TextField(blank=True, verbose_name="what happened")),
                ("unexpected", models.TextField(blank=True, verbose_name="what was unexpected")),
                ("learnt", models.TextField(blank=True, verbose_name="what you learnt")),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[("adopt", "Adopt it"), ("adapt", "Adapt it"), ("abandon", "Abandon it")],
                        max_length=7,
                    ),
                ),
                (
                    "decided_why",
                    models.TextField(
                        blank=True, help_text="Of a cycle that was abandoned: why it was.", verbose_name="why"
                    ),
                ),
                ("next_step", models.TextField(blank=True, verbose_name="what comes next")),
                ("decided_on", models.DateField(blank=True, null=True, verbose_name="decided on")),
                (
                    "ramp",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="cycles", to="qi_projects.ramp"
                    ),
                ),
            ],
            options={
                "ordering": ("ramp", "number"),
            },
        ),
        migrations.CreateModel(
            name="CycleQuestion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=300, verbose_name="question")),
                ("prediction", models.TextField(blank=True)),
                ("answer", models.TextField(blank=True, verbose_name="what you found")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("as", "As predicted"),
                            ("partly", "In part as predicted"),
                            ("otherwise", "Not as predicted"),
                        ],
                        max_length=9,
                        verbose_name="beside the prediction",
                    ),
                ),
                (
                    "cycle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="questions", to="qi_projects.cycle"
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="a_question_of_a_cycle_asks_something"
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="diagramitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__in", [1, 2, 3])), name="a_diagram_has_two_levels_of_drivers_and_ideas"
            ),
        ),
        migrations.AddConstraint(
            model_name="diagramitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="a_box_of_a_diagram_says_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="diagramitem",
            constraint=models.UniqueConstraint(
                deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                fields=("project", "level", "position"),
                name="one_box_of_a_diagram_in_each_place",
            ),
        ),
        migrations.AddConstraint(
            model_name="diagramitem",
            constraint=models.UniqueConstraint(
                fields=("id", "project", "level"), name="a_box_of_a_diagram_has_one_level"
            ),
        ),
        migrations.AddConstraint(
            model_name="diagramlink",
            constraint=models.UniqueConstraint(fields=("upper", "lower"), name="a_box_hangs_on_another_once"),
        ),
        migrations.AddConstraint(
            model_name="ramp",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="a_ramp_has_a_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="cycle",
            constraint=models.UniqueConstraint(fields=("ramp", "number"), name="one_cycle_of_a_ramp_with_each_number"),
        ),
        migrations.AddConstraint(
            model_name="cycle",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["plan", "do", "study"])),
                fields=("ramp",),
                name="one_cycle_of_a_ramp_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="cycle",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("began_on__isnull", True),
                        ("decided_on__isnull", True),
                        ("ended_on__isnull", True),
                        ("state", "plan"),
                    ),
                    models.Q(
                        ("began_on__isnull", False),
                        ("decided_on__isnull", True),
                        ("ended_on__isnull", True),
                        ("state", "do"),
                    ),
                    models.Q(
                        ("began_on__isnull", False),
                        ("decided_on__isnull", True),
                        ("ended_on__isnull", False),
                        ("state", "study"),
                    ),
                    models.Q(
                        ("began_on__isnull", False),
                        ("decided_on__isnull", False),
                        ("ended_on__isnull", False),
                        ("state", "closed"),
                    ),
                    models.Q(
                        ("decided_on__isnull", False),
                        ("state", "abandoned"),
                        models.Q(("ended_on__isnull", True), ("began_on__isnull", False), _connector="OR"),
                    ),
                    _connector="OR",
                ),
                name="a_cycle_has_the_days_of_its_step",
            ),
        ),
        migrations.AddConstraint(
            model_name="cycle",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("began_on__isnull", True),
                    ("ended_on__isnull", True),
                    ("ended_on__gte", models.F("began_on")),
                    _connector="OR",
                ),
                name="do_ends_after_it_began",
            ),
        ),
        migrations.AddConstraint(
            model_name="cycle",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_on__isnull", True),
                    models.Q(
                        models.Q(
                            ("began_on__isnull", True), ("decided_on__gte", models.F("began_on")), _connector="OR"
                        ),
                        models.Q(
                            ("ended_on__isnull", True), ("decided_on__gte", models.F("ended_on")), _connector="OR"
                        ),
                    ),
                    _connector="OR",
                ),
                name="a_cycle_is_decided_after_do",
            ),
        ),
        migrations.AddConstraint(
            model_name="cycle",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decision", ""), ("state__in", ["plan", "do", "study"])),
                    models.Q(
                        ("state", "closed"),
                        models.Q(("decision", ""), _negated=True),
                        models.Q(("decided_why", ""), _negated=True),
                    ),
                    models.Q(("decision", ""), ("state", "abandoned"), models.Q(("decided_why", ""), _negated=True)),
                    _connector="OR",
                ),
                name="a_cycle_that_is_over_says_why",
            ),
        ),
        migrations.RunSQL(NEIGHBOURS, NEIGHBOURS_NO_MORE),
        migrations.RunSQL(PREDICTIONS_STAY, PREDICTIONS_STAY_NO_MORE),
    ]
