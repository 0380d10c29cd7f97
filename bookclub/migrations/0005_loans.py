"""Copies that programmes lend, who has them, who asks for one; and what PostgreSQL holds that Django's models cannot say.

* A copy is lent to members of its own programme, and not while it is lost or withdrawn; one that is lent is neither.
"""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# Whoever lends and whoever gives a copy up wait for each other at the copy's row.
OF_A_COPY_IN_USE = """
CREATE FUNCTION bookclub_require_copy_in_use() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM bookclub_copy AS copy
        JOIN cohorts_cohort AS cohort ON cohort.programme_id = copy.programme_id
        WHERE copy.id = NEW.copy_id AND cohort.id = NEW.cohort_id
        AND (NEW.outcome <> 'out' OR copy.state = 'in_use')
        FOR SHARE OF copy
    ) THEN
        RAISE EXCEPTION 'a loan is of a copy in use of its own programme'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_loan_is_of_a_copy_in_use';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER a_loan_is_of_a_copy_in_use
BEFORE INSERT OR UPDATE OF copy_id, cohort_id, outcome ON bookclub_loan
FOR EACH ROW EXECUTE FUNCTION bookclub_require_copy_in_use();

CREATE FUNCTION bookclub_require_copy_not_lent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM bookclub_loan AS loan WHERE loan.copy_id = NEW.id AND loan.outcome = 'out') THEN
        RAISE EXCEPTION 'a copy that is lent stays in use, of its book and programme'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_copy_that_is_lent_stays_in_use';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER a_copy_that_is_lent_stays_in_use
BEFORE UPDATE OF state, book_id, programme_id ON bookclub_copy FOR EACH ROW
WHEN ((NEW.state, NEW.book_id, NEW.programme_id) IS DISTINCT FROM (OLD.state, OLD.book_id, OLD.programme_id))
EXECUTE FUNCTION bookclub_require_copy_not_lent();
"""

OF_ANY_COPY = """
DROP TRIGGER a_copy_that_is_lent_stays_in_use ON bookclub_copy;
DROP FUNCTION bookclub_require_copy_not_lent();
DROP TRIGGER a_loan_is_of_a_copy_in_use ON bookclub_loan;
DROP FUNCTION bookclub_require_copy_in_use();
"""


class Migration(migrations.Migration):
    """Copies, terms of lending, loans, requests."""

    dependencies = [
        ("bookclub", "0004_prompts_reflected"),
        ("cohorts", "0026_pages_that_go"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Copy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "label",
                    models.CharField(
                        help_text="What is written on it, for example: Names 3. Each has its own.", max_length=40
                    ),
                ),
                (
                    "format",
                    models.CharField(
                        choices=[("print", "Print"), ("large_print", "Large print"), ("audio", "Audiobook")],
                        default="print",
                        max_length=11,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("in_use", "To be lent"), ("lost", "Lost"), ("withdrawn", "Withdrawn")],
                        default="in_use",
                        editable=False,
                        max_length=9,
                    ),
                ),
                (
                    "book",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="copies", to="bookclub.book"
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        help_text="Whose members it is lent to.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="copies",
                        to="cohorts.programme",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "copies",
                "ordering": ("book__title", "label", "id"),
            },
        ),
        migrations.CreateModel(
            name="CopyRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "format",
                    models.CharField(
                        blank=True,
                        choices=[("print", "Print"), ("large_print", "Large print"), ("audio", "Audiobook")],
                        help_text="Empty: any will do.",
                        max_length=11,
                    ),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Waiting"),
                            ("lent", "Lent"),
                            ("declined", "Not lent"),
                            ("withdrawn", "Taken back"),
                        ],
                        default="open",
                        max_length=9,
                    ),
                ),
                ("state_since", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "answer",
                    models.TextField(
                        blank=True, help_text="What the programme team told whoever asked.", max_length=500
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "book",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="copy_requests", to="bookclub.book"
                    ),
                ),
                (
                    "cohort",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="copy_requests", to="cohorts.cohort"
                    ),
                ),
            ],
            options={
                "verbose_name": "request for a copy",
                "verbose_name_plural": "requests for copies",
                "ordering": ("-asked_at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="LendingTerms",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "weeks",
                    models.PositiveSmallIntegerField(
                        default=6,
                        help_text="The day that is offered when you lend a copy. You can choose another each time.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(52),
                        ],
                        verbose_name="for how many weeks",
                    ),
                ),
                (
                    "how_to_return",
                    models.TextField(
                        help_text="For example: bring it to a session, or send it to the library of Demo Trust. It stands in the emails, also in those to somebody who no longer takes part.",
                        max_length=1000,
                        verbose_name="how to give a copy back",
                    ),
                ),
                (
                    "programme",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lending_terms",
                        to="cohorts.programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "terms of lending",
                "verbose_name_plural": "terms of lending",
                "ordering": ("programme__name", "id"),
            },
        ),
        migrations.CreateModel(
            name="Loan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("lent_on", models.DateField()),
                ("due_on", models.DateField(verbose_name="due back on")),
                (
                    "outcome",
                    models.CharField(
                        choices=[("out", "Not back yet"), ("returned", "Given back"), ("lost", "Lost")],
                        default="out",
                        max_length=8,
                    ),
                ),
                ("ended_on", models.DateField(help_text="When it came back, or was counted as lost.", null=True)),
                (
                    "reminded_before_at",
                    models.DateTimeField(
                        help_text="When they were written to before the day on which it is due; once for each such day.",
                        null=True,
                    ),
                ),
                ("reminded_due_at", models.DateTimeField(help_text="Likewise, on that day or after it.", null=True)),
                (
                    "borrower",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who has it",
                    ),
                ),
                (
                    "cohort",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="loans", to="cohorts.cohort"
                    ),
                ),
                (
                    "copy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="loans", to="bookclub.copy"
                    ),
                ),
                (
                    "lent_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ("due_on", "id"),
            },
        ),
        migrations.AddConstraint(
            model_name="copy",
            constraint=models.UniqueConstraint(
                models.F("programme"),
                django.db.models.functions.text.Lower("label"),
                name="one_copy_of_each_label",
                violation_error_message="Another copy of this programme has this label.",
            ),
        ),
        migrations.AddConstraint(
            model_name="copy",
            constraint=models.CheckConstraint(
                condition=models.Q(("label", ""), _negated=True), name="a_copy_has_a_label"
            ),
        ),
        migrations.AddConstraint(
            model_name="copyrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")),
                fields=("asked_by", "cohort", "book"),
                name="a_member_asks_for_a_book_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="copyrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("answer", ""), ("state", "declined"), _negated=True),
                name="who_gets_no_copy_is_told_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="lendingterms",
            constraint=models.CheckConstraint(
                condition=models.Q(("weeks__gte", 1), ("weeks__lte", 52)), name="lent_for_a_year_at_most"
            ),
        ),
        migrations.AddIndex(
            model_name="loan",
            index=models.Index(fields=["borrower"], name="loans_of_a_person"),
        ),
        migrations.AddIndex(
            model_name="loan",
            index=models.Index(
                condition=models.Q(("outcome", "out"), _negated=True), fields=["ended_on"], name="loans_that_ended"
            ),
        ),
        migrations.AddIndex(
            model_name="loan",
            index=models.Index(
                condition=models.Q(("outcome", "out"), ("reminded_before_at__isnull", True)),
                fields=["due_on"],
                name="loans_due_soon",
            ),
        ),
        migrations.AddIndex(
            model_name="loan",
            index=models.Index(
                condition=models.Q(("outcome", "out"), ("reminded_due_at__isnull", True)),
                fields=["due_on"],
                name="loans_due_back",
            ),
        ),
        migrations.AddConstraint(
            model_name="loan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("outcome", "out")), fields=("copy",), name="a_copy_is_lent_once_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="loan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_on__isnull", True), ("outcome", "out")),
                    models.Q(
                        ("ended_on__gte", models.F("lent_on")),
                        ("ended_on__isnull", False),
                        ("outcome__in", ["returned", "lost"]),
                    ),
                    _connector="OR",
                ),
                name="a_loan_that_ended_says_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="loan",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_on__gte", models.F("lent_on"))), name="a_copy_is_due_after_it_is_lent"
            ),
        ),
        migrations.RunSQL(OF_A_COPY_IN_USE, OF_ANY_COPY),
    ]
