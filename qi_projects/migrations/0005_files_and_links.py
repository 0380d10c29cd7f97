"""Files of projects; which measures tell of a driver or an idea, and by which a cycle is studied.

PostgreSQL holds that a link joins what is of one project: the composite foreign keys below name the project of each, of
a cycle by way of its ramp.
"""

import django.db.models.deletion
from django.db import migrations, models

from portal.attachments.holding import goes_with_its_row

OF_ONE_PROJECT = """
ALTER TABLE qi_projects_boxmeasure
    ADD CONSTRAINT a_measure_tells_of_a_box_of_its_project
    FOREIGN KEY (box_id, project_id) REFERENCES qi_projects_diagramitem (id, project_id),
    ADD CONSTRAINT a_box_is_told_of_by_a_measure_of_its_project
    FOREIGN KEY (measure_id, project_id) REFERENCES qi_projects_measure (id, project_id);

ALTER TABLE qi_projects_cyclemeasure
    ADD CONSTRAINT a_link_of_a_cycle_is_of_its_ramp
    FOREIGN KEY (cycle_id, ramp_id) REFERENCES qi_projects_cycle (id, ramp_id),
    ADD CONSTRAINT a_link_of_a_cycle_is_of_the_project_of_its_ramp
    FOREIGN KEY (ramp_id, project_id) REFERENCES qi_projects_ramp (id, project_id),
    ADD CONSTRAINT a_cycle_is_studied_by_a_measure_of_its_project
    FOREIGN KEY (measure_id, project_id) REFERENCES qi_projects_measure (id, project_id);
"""

OF_ONE_PROJECT_NO_MORE = """
ALTER TABLE qi_projects_cyclemeasure
    DROP CONSTRAINT a_cycle_is_studied_by_a_measure_of_its_project,
    DROP CONSTRAINT a_link_of_a_cycle_is_of_the_project_of_its_ramp,
    DROP CONSTRAINT a_link_of_a_cycle_is_of_its_ramp;
ALTER TABLE qi_projects_boxmeasure
    DROP CONSTRAINT a_box_is_told_of_by_a_measure_of_its_project,
    DROP CONSTRAINT a_measure_tells_of_a_box_of_its_project;
"""


class Migration(migrations.Migration):
    """Files, and links of what is drawn and tried out to what is measured."""

    dependencies = [
        ("attachments", "0001_attachments"),
        ("qi_projects", "0004_coaching_and_reviews"),
    ]

    operations = [
        migrations.CreateModel(
            name="BoxMeasure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
        ),
        migrations.CreateModel(
            name="CycleMeasure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
        ),
        migrations.CreateModel(
            name="ProjectFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=150)),
                ("about", models.TextField(blank=True, verbose_name="what it is about")),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.AddConstraint(
            model_name="cycle",
            constraint=models.UniqueConstraint(fields=("id", "ramp"), name="a_cycle_has_one_ramp"),
        ),
        migrations.AddConstraint(
            model_name="diagramitem",
            constraint=models.UniqueConstraint(fields=("id", "project"), name="a_box_of_a_diagram_has_one_project"),
        ),
        migrations.AddConstraint(
            model_name="measure",
            constraint=models.UniqueConstraint(fields=("id", "project"), name="a_measure_has_one_project"),
        ),
        migrations.AddConstraint(
            model_name="ramp",
            constraint=models.UniqueConstraint(fields=("id", "project"), name="a_ramp_has_one_project"),
        ),
        migrations.AddField(
            model_name="boxmeasure",
            name="box",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="measure_links", to="qi_projects.diagramitem"
            ),
        ),
        migrations.AddField(
            model_name="boxmeasure",
            name="measure",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="box_links", to="qi_projects.measure"
            ),
        ),
        migrations.AddField(
            model_name="boxmeasure",
            name="project",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="qi_projects.project"
            ),
        ),
        migrations.AddField(
            model_name="cyclemeasure",
            name="cycle",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="measure_links", to="qi_projects.cycle"
            ),
        ),
        migrations.AddField(
            model_name="cyclemeasure",
            name="measure",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="cycle_links", to="qi_projects.measure"
            ),
        ),
        migrations.AddField(
            model_name="cyclemeasure",
            name="project",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="qi_projects.project"
            ),
        ),
        migrations.AddField(
            model_name="cyclemeasure",
            name="ramp",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="qi_projects.ramp"
            ),
        ),
        migrations.AddField(
            model_name="projectfile",
            name="file",
            field=models.OneToOneField(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="attachments.attachment",
            ),
        ),
        migrations.AddField(
            model_name="projectfile",
            name="project",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="files", to="qi_projects.project"
            ),
        ),
        migrations.AddConstraint(
            model_name="boxmeasure",
            constraint=models.UniqueConstraint(fields=("box", "measure"), name="a_measure_tells_of_a_box_once"),
        ),
        migrations.AddConstraint(
            model_name="cyclemeasure",
            constraint=models.UniqueConstraint(
                fields=("cycle", "measure"), name="a_cycle_is_studied_by_a_measure_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="projectfile",
            constraint=models.CheckConstraint(
                condition=models.Q(("title", ""), _negated=True), name="a_file_has_a_title"
            ),
        ),
        migrations.RunSQL(OF_ONE_PROJECT, OF_ONE_PROJECT_NO_MORE),
        goes_with_its_row("qi_projects_projectfile"),
    ]
