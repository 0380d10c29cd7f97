"""The catalogue, reading lists and suggestions, and what PostgreSQL holds of them that Django's models cannot say.

* The last digit of an ISBN is the one that follows from the others.
* A book on a list is talked about at a book club meeting to which the cohort's members can come.
"""

import django.contrib.postgres.fields
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

CHECK_DIGITS = """
ALTER TABLE bookclub_book ADD CONSTRAINT an_isbn_has_its_check_digit CHECK (
    isbn !~ '^[0-9]{13}$' OR (
        substr(isbn, 1, 1)::int + substr(isbn, 3, 1)::int + substr(isbn, 5, 1)::int + substr(isbn, 7, 1)::int
        + substr(isbn, 9, 1)::int + substr(isbn, 11, 1)::int + substr(isbn, 13, 1)::int
        + 3 * (
            substr(isbn, 2, 1)::int + substr(isbn, 4, 1)::int + substr(isbn, 6, 1)::int
            + substr(isbn, 8, 1)::int + substr(isbn, 10, 1)::int + substr(isbn, 12, 1)::int
        )
    ) % 10 = 0
);
"""

ANY_DIGITS = "ALTER TABLE bookclub_book DROP CONSTRAINT an_isbn_has_its_check_digit;"

MEETINGS_OF_ITS_COHORT = """
CREATE FUNCTION bookclub_require_meeting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.meeting_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM cohorts_session AS session
        JOIN cohorts_component AS component ON component.id = session.component_id
        JOIN cohorts_cohort AS cohort ON cohort.id = NEW.cohort_id
        WHERE session.id = NEW.meeting_id AND component.kind = 'book_club'
        AND component.programme_id = cohort.programme_id
        AND (session.cohort_id = cohort.id OR session.cohort_id IS NULL)
    ) THEN
        RAISE EXCEPTION 'a book is talked about at a book club meeting of its cohort'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_book_has_a_meeting_of_its_cohort';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER a_book_has_a_meeting_of_its_cohort BEFORE INSERT OR UPDATE OF meeting_id, cohort_id ON bookclub_listedbook
FOR EACH ROW EXECUTE FUNCTION bookclub_require_meeting();
"""

ANY_MEETINGS = """
DROP TRIGGER a_book_has_a_meeting_of_its_cohort ON bookclub_listedbook;
DROP FUNCTION bookclub_require_meeting();
"""


class Migration(migrations.Migration):
    """Books, reading lists, suggestions and who backs them."""

    initial = True

    dependencies = [
        ("cohorts", "0026_pages_that_go"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Book",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=200)),
                (
                    "authors",
                    models.CharField(
                        help_text="As on the cover, for example: Ama Adeyemi and Bryony Lark.", max_length=300
                    ),
                ),
                (
                    "edition",
                    models.CharField(
                        blank=True,
                        help_text="For example: 2nd edition, 2019. Empty: there is one alone.",
                        max_length=100,
                    ),
                ),
                (
                    "isbn",
                    models.CharField(
                        blank=True,
                        help_text="10 or 13 digits, with or without hyphens: on the back of the book. It is kept with 13.",
                        max_length=13,
                        verbose_name="ISBN",
                    ),
                ),
                (
                    "description",
                    models.TextField(blank=True, help_text="What it is about, in a few sentences of your own."),
                ),
                (
                    "content_warnings",
                    models.TextField(
                        blank=True,
                        help_text="What in it may be hard to read, such as the death of a baby, or racist violence. Readers see this before anything else.",
                    ),
                ),
                (
                    "formats",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("print", "Print"),
                                ("large_print", "Large print"),
                                ("ebook", "E-book"),
                                ("audio", "Audiobook"),
                                ("library", "From a trust library"),
                            ],
                            max_length=11,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "how_to_get",
                    models.TextField(
                        blank=True,
                        help_text="For example: ask your trust's library, or borrow one of ours.",
                        verbose_name="how to get a copy",
                    ),
                ),
                (
                    "offered",
                    models.BooleanField(
                        default=True, help_text="Cohorts can read it. Clear this for one that only earlier lists keep."
                    ),
                ),
            ],
            options={
                "ordering": ("title", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("title"),
                        django.db.models.functions.text.Lower("authors"),
                        django.db.models.functions.text.Lower("edition"),
                        name="one_book_of_each_edition",
                        violation_error_message="This edition is in the catalogue already. If yours is another one, say which under “Edition”.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("isbn", ""), _negated=True),
                        fields=("isbn",),
                        name="one_book_of_each_isbn",
                        violation_error_message="Another book in the catalogue has this ISBN.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("isbn", ""), ("isbn__regex", "^97[89][0-9]{10}$"), _connector="OR"),
                        name="an_isbn_has_13_digits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("title", ""), _negated=True), models.Q(("authors", ""), _negated=True)
                        ),
                        name="a_book_says_what_it_is",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Suggestion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=200)),
                ("authors", models.CharField(max_length=300)),
                ("why", models.TextField(blank=True, verbose_name="why you suggest it")),
                ("suggested_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Waiting"),
                            ("taken_up", "In the catalogue now"),
                            ("set_aside", "Not this time"),
                            ("withdrawn", "Taken back"),
                        ],
                        default="open",
                        max_length=9,
                    ),
                ),
                ("state_since", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "cohort",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="suggested_books", to="cohorts.cohort"
                    ),
                ),
                (
                    "suggested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ("-suggested_at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="Backing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("backed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "backed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "suggestion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="backings", to="bookclub.suggestion"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ListedBook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        help_text="Its place in the order: 1 is read first. Empty once it is off the list.", null=True
                    ),
                ),
                (
                    "why",
                    models.TextField(
                        blank=True,
                        help_text="A sentence or two for the cohort's members.",
                        verbose_name="why this book",
                    ),
                ),
                ("chosen_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("taken_off_at", models.DateTimeField(editable=False, null=True)),
                (
                    "book",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="listed", to="bookclub.book"
                    ),
                ),
                (
                    "cohort",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reading_list", to="cohorts.cohort"
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="books_read",
                        to="cohorts.session",
                        verbose_name="meeting",
                    ),
                ),
                (
                    "swapped_for",
                    models.OneToOneField(
                        editable=False,
                        help_text="What took its place on the list.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="swapped_from",
                        to="bookclub.listedbook",
                    ),
                ),
            ],
            options={
                "verbose_name": "book on a reading list",
                "verbose_name_plural": "reading lists",
                "ordering": ("cohort", "position", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                        fields=("cohort", "position"),
                        name="one_book_in_each_place_of_a_list",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("taken_off_at__isnull", True)),
                        fields=("cohort", "book"),
                        name="a_book_is_on_a_list_once",
                        violation_error_message="This book is on the cohort's list already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("position__isnull", True), ("taken_off_at__isnull", False)),
                            models.Q(("position__gte", 1), ("taken_off_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="a_book_on_a_list_has_its_place",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("swapped_for__isnull", True), ("taken_off_at__isnull", False), _connector="OR"
                        ),
                        name="what_was_swapped_is_off_the_list",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="suggestion",
            index=models.Index(fields=["suggested_by"], name="suggestions_of_a_person"),
        ),
        migrations.AddConstraint(
            model_name="suggestion",
            constraint=models.UniqueConstraint(
                models.F("cohort"),
                django.db.models.functions.text.Lower("title"),
                django.db.models.functions.text.Lower("authors"),
                condition=models.Q(("state", "open")),
                name="a_book_waits_once_in_each_cohort",
            ),
        ),
        migrations.AddConstraint(
            model_name="suggestion",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("title", ""), _negated=True), models.Q(("authors", ""), _negated=True)),
                name="a_suggestion_says_which_book",
            ),
        ),
        migrations.AddConstraint(
            model_name="backing",
            constraint=models.UniqueConstraint(fields=("suggestion", "backed_by"), name="a_member_backs_a_book_once"),
        ),
        migrations.RunSQL(CHECK_DIGITS, ANY_DIGITS),
        migrations.RunSQL(MEETINGS_OF_ITS_COHORT, ANY_MEETINGS),
    ]
