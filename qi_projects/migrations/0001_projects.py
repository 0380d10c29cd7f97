"""Projects and their teams, and what PostgreSQL holds of them that Django's models cannot say.

* A project that goes on has a lead, whoever writes: a trigger at the end of the transaction holds the project's row and
  looks, so that of two leads who leave at the same moment one is refused.
* A project counts for a person's own membership.
* An account that was put together with another joins no team.
"""

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

ALWAYS_A_LEAD = """
CREATE FUNCTION qi_projects_require_lead() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    about bigint;
    stands text;
BEGIN
    IF TG_TABLE_NAME = 'qi_projects_project' THEN
        about := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        about := OLD.project_id;
    ELSE
        about := NEW.project_id;
    END IF;
    -- Locked, and then read anew: whoever else changes the team at this moment is waited for.
    SELECT state INTO stands FROM qi_projects_project WHERE id = about FOR NO KEY UPDATE;
    IF stands IN ('draft', 'active') AND NOT EXISTS (
        SELECT FROM qi_projects_teamplace WHERE project_id = about AND role = 'lead' AND left_at IS NULL
    ) THEN
        RAISE EXCEPTION 'a project that goes on has a lead'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_project_always_has_a_lead';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER a_project_always_has_a_lead
AFTER INSERT OR UPDATE OR DELETE ON qi_projects_teamplace DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION qi_projects_require_lead();
CREATE CONSTRAINT TRIGGER a_project_always_has_a_lead
AFTER INSERT OR UPDATE OF state ON qi_projects_project DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION qi_projects_require_lead();
"""

NOT_ALWAYS_A_LEAD = """
DROP TRIGGER a_project_always_has_a_lead ON qi_projects_project;
DROP TRIGGER a_project_always_has_a_lead ON qi_projects_teamplace;
DROP FUNCTION qi_projects_require_lead();
"""

OWN_MEMBERSHIP = """
CREATE FUNCTION qi_projects_require_own_membership() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- As both stand at the end of the transaction: accounts that are put together move them one after the other.
    IF EXISTS (
        SELECT FROM qi_projects_teamplace place JOIN cohorts_membership held ON held.id = place.membership_id
        WHERE place.id = NEW.id AND held.user_id <> place.user_id
    ) THEN
        RAISE EXCEPTION 'a project counts for a membership of its own person'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_project_counts_for_an_own_membership';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER a_project_counts_for_an_own_membership
AFTER INSERT OR UPDATE OF membership_id, user_id ON qi_projects_teamplace DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.membership_id IS NOT NULL) EXECUTE FUNCTION qi_projects_require_own_membership();
"""

ANY_MEMBERSHIP = """
DROP TRIGGER a_project_counts_for_an_own_membership ON qi_projects_teamplace;
DROP FUNCTION qi_projects_require_own_membership();
"""

MERGED_JOIN_NO_TEAM = """
CREATE TRIGGER merged_take_no_part BEFORE INSERT ON qi_projects_teamplace
FOR EACH ROW EXECUTE FUNCTION cohorts_refuse_merged();
"""

MERGED_JOIN_TEAMS = "DROP TRIGGER merged_take_no_part ON qi_projects_teamplace;"


class Migration(migrations.Migration):
    """Projects, teams, approvals and statements; what PostgreSQL holds of teams."""

    initial = True

    dependencies = [
        ("accounts", "0005_needs_and_merges"),
        ("cohorts", "0023_graduation"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Theme",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
                (
                    "offered",
                    models.BooleanField(
                        default=True,
                        help_text="Teams can choose it. Clear this for one that only earlier projects keep.",
                    ),
                ),
            ],
            options={
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="Project",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "title",
                    models.CharField(
                        blank=True, help_text="Empty until somebody has found one, as a draft.", max_length=150
                    ),
                ),
                ("noticed", models.TextField(blank=True, verbose_name="what you noticed")),
                ("why_it_matters", models.TextField(blank=True, verbose_name="why it matters")),
                ("aim_what", models.TextField(blank=True, verbose_name="what you want to change")),
                ("aim_how_much", models.CharField(blank=True, max_length=300, verbose_name="by how much")),
                ("aim_by_when", models.DateField(blank=True, null=True, verbose_name="by when")),
                ("aim_for_whom", models.CharField(blank=True, max_length=300, verbose_name="for whom")),
                ("who_could_help", models.TextField(blank=True, verbose_name="who could help")),
                ("first_change", models.TextField(blank=True, verbose_name="what you could change first")),
                (
                    "setting",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("maternity", "Maternity unit"),
                            ("community", "Community"),
                            ("neonatal", "Neonatal unit"),
                            ("primary_care", "Primary care"),
                            ("mental_health", "Mental health"),
                            ("trust_wide", "Across the trust"),
                            ("board", "Board"),
                            ("other", "Somewhere else"),
                        ],
                        max_length=13,
                    ),
                ),
                (
                    "guided_to",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="The question of the guided start that comes next. Empty: it is over, or was not used.",
                        max_length=20,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("active", "Active"),
                            ("finished", "Finished"),
                            ("abandoned", "Stopped early"),
                        ],
                        default="draft",
                        max_length=9,
                    ),
                ),
                ("state_since", models.DateTimeField(default=django.utils.timezone.now)),
                ("active_since", models.DateTimeField(help_text="When it first became active.", null=True)),
                (
                    "ended_why",
                    models.TextField(
                        blank=True,
                        help_text="What came of it, or why it stopped. Kept where it is taken up again.",
                        verbose_name="how it ended",
                    ),
                ),
                ("begun_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "last_activity_at",
                    models.DateTimeField(
                        db_index=True,
                        default=django.utils.timezone.now,
                        help_text="When its team last changed something of it. Kept by verbs.",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, help_text="Raised by each change.")),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="projects",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "started_from",
                    models.ForeignKey(
                        editable=False,
                        help_text="The project on which it builds.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="led_to",
                        to="qi_projects.project",
                    ),
                ),
                (
                    "theme",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="projects",
                        to="qi_projects.theme",
                    ),
                ),
            ],
            options={
                "verbose_name": "QI project",
                "verbose_name_plural": "QI projects",
                "ordering": ("-last_activity_at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "decision",
                    models.CharField(choices=[("approved", "Approved"), ("ended", "Approval ended")], max_length=8),
                ),
                ("approver_name", models.CharField(max_length=200, verbose_name="who")),
                ("approver_role", models.CharField(max_length=150, verbose_name="their role")),
                ("decided_on", models.DateField(verbose_name="on which day")),
                ("note", models.TextField(blank=True)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="approvals", to="qi_projects.project"
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
                "get_latest_by": "id",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("approver_name", ""), _negated=True),
                            models.Q(("approver_role", ""), _negated=True),
                        ),
                        name="an_approval_names_who_gave_it",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Statement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "basis",
                    models.CharField(
                        choices=[
                            ("improvement", "It is improvement work, and not research"),
                            ("reviewed", "It has an ethics or governance reference"),
                        ],
                        max_length=11,
                    ),
                ),
                ("reference", models.CharField(blank=True, max_length=100)),
                ("said_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="statements", to="qi_projects.project"
                    ),
                ),
                (
                    "said_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="project_statements",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
                "get_latest_by": "id",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("basis", "improvement"), ("reference", "")),
                            models.Q(("basis", "reviewed"), models.Q(("reference", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="a_statement_has_a_reference_where_it_says_so",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TeamInvitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(max_length=254, verbose_name="email address")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("lead", "Lead"),
                            ("member", "Member"),
                            ("sponsor", "Sponsor"),
                            ("coach", "Coach"),
                            ("viewer", "Viewer"),
                        ],
                        max_length=7,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Waiting for an answer"),
                            ("accepted", "Accepted"),
                            ("declined", "Said no"),
                            ("withdrawn", "Taken back"),
                        ],
                        default="open",
                        max_length=9,
                    ),
                ),
                ("sent_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "invited_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="qi_projects.project",
                    ),
                ),
            ],
            options={
                "ordering": ("-sent_at", "-id"),
                "indexes": [
                    models.Index(django.db.models.functions.text.Lower("email"), name="team_invitations_by_address"),
                    models.Index(fields=["sent_at"], name="team_invitations_by_time"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("project"),
                        django.db.models.functions.text.Lower("email"),
                        condition=models.Q(("state", "open")),
                        name="one_open_invitation_to_a_team_of_each_address",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TeamPlace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("lead", "Lead"),
                            ("member", "Member"),
                            ("sponsor", "Sponsor"),
                            ("coach", "Coach"),
                            ("viewer", "Viewer"),
                        ],
                        max_length=7,
                    ),
                ),
                ("joined_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("left_at", models.DateTimeField(null=True)),
                (
                    "membership",
                    models.ForeignKey(
                        blank=True,
                        help_text="The person's own place in a cohort, for which the project counts. Empty: for none.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="project_places",
                        to="cohorts.membership",
                        verbose_name="counts for",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="team", to="qi_projects.project"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="project_places",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "ordering": ("joined_at", "id"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("left_at__isnull", True)), fields=["user"], name="team_places_of_a_person"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("left_at__isnull", True)),
                        fields=("project", "user"),
                        name="one_place_of_each_person_in_a_team",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("active_since__isnull", True), ("state", "draft")),
                    models.Q(("active_since__isnull", False), ("state__in", ["active", "finished"])),
                    ("state", "abandoned"),
                    _connector="OR",
                ),
                name="a_project_is_a_draft_until_it_is_active",
            ),
        ),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("active_since__isnull", True), models.Q(("title", ""), _negated=True), _connector="OR"
                ),
                name="a_project_that_others_see_has_a_title",
            ),
        ),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["draft", "active"]), models.Q(("ended_why", ""), _negated=True), _connector="OR"
                ),
                name="a_project_that_ended_says_how",
            ),
        ),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=models.Q(("started_from", models.F("id")), _negated=True),
                name="a_project_does_not_start_from_itself",
            ),
        ),
        migrations.RunSQL(ALWAYS_A_LEAD, NOT_ALWAYS_A_LEAD),
        migrations.RunSQL(OWN_MEMBERSHIP, ANY_MEMBERSHIP),
        migrations.RunSQL(MERGED_JOIN_NO_TEAM, MERGED_JOIN_TEAMS),
    ]
