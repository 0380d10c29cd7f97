"""Files, and what PostgreSQL holds of them."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# A file comes with its content and with a row that holds it, whichever of the tables that refer to it that is in. What it
# holds is what is said of it. It goes as that row goes (portal/attachments/holding.py).
HELD = """
CREATE FUNCTION attachments_come() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    referring record;
    is_held boolean;
BEGIN
    IF NOT EXISTS (SELECT FROM attachments_attachment WHERE id = NEW.id) THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT FROM attachments_attachmentcontent WHERE attachment_id = NEW.id) THEN
        FOR referring IN
            SELECT conrelid::regclass AS rows, attname AS column_of_file
            FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
            WHERE contype = 'f' AND confrelid = TG_RELID AND conrelid <> 'attachments_attachmentcontent'::regclass
        LOOP
            EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE %I = $1)', referring.rows, referring.column_of_file)
            INTO is_held USING NEW.id;
            IF is_held THEN
                RETURN NULL;
            END IF;
        END LOOP;
    END IF;
    RAISE EXCEPTION 'A file has no content, or no row holds it.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'attachment_is_held';
END
$$;

CREATE CONSTRAINT TRIGGER attachment_is_held AFTER INSERT ON attachments_attachment
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION attachments_come();

CREATE FUNCTION attachments_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR NEW.file_id IS DISTINCT FROM OLD.file_id THEN
        DELETE FROM attachments_attachmentcontent WHERE attachment_id = OLD.file_id;
        DELETE FROM attachments_attachment WHERE id = OLD.file_id;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION attachments_are_as_said() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM attachments_attachment
        WHERE id = NEW.attachment_id AND size = octet_length(NEW.content)
        AND sha256 = encode(sha256(NEW.content), 'hex')
    ) THEN
        RAISE EXCEPTION 'A file is not what is said of it.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'attachment_is_as_said';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER attachment_is_as_said AFTER INSERT OR UPDATE ON attachments_attachmentcontent
FOR EACH ROW EXECUTE FUNCTION attachments_are_as_said();

-- Files are packed already, and are read slice by slice.
ALTER TABLE attachments_attachmentcontent ALTER COLUMN content SET STORAGE EXTERNAL;
"""

HELD_NO_MORE = """
DROP TRIGGER attachment_is_as_said ON attachments_attachmentcontent;
DROP TRIGGER attachment_is_held ON attachments_attachment;
DROP FUNCTION attachments_are_as_said();
DROP FUNCTION attachments_go();
DROP FUNCTION attachments_come();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "name",
                    models.CharField(
                        help_text="Under which it is downloaded: safe, and ends as its kind does.", max_length=120
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("pdf", "PDF"),
                            ("docx", "Word"),
                            ("xlsx", "Excel"),
                            ("pptx", "PowerPoint"),
                            ("jpeg", "JPEG"),
                            ("png", "PNG"),
                            ("webp", "WebP"),
                            ("csv", "CSV"),
                            ("txt", "plain text"),
                        ],
                        max_length=4,
                    ),
                ),
                ("size", models.PositiveIntegerField(help_text="Bytes.")),
                ("sha256", models.CharField(help_text="Of what is kept, in hexadecimal digits.", max_length=64)),
                ("uploaded_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "scanned_at",
                    models.DateTimeField(
                        help_text="When the virus scanner had nothing against it; empty where none was configured.",
                        null=True,
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="AttachmentContent",
            fields=[
                (
                    "attachment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="held_content",
                        serialize=False,
                        to="attachments.attachment",
                    ),
                ),
                ("content", models.BinaryField()),
            ],
        ),
        migrations.AddIndex(
            model_name="attachment",
            index=models.Index(fields=["uploaded_by", "id"], name="attachments_of_a_person"),
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["pdf", "docx", "xlsx", "pptx", "jpeg", "png", "webp", "csv", "txt"])),
                name="attachment_is_of_a_known_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=models.CheckConstraint(
                condition=models.Q(("size__gte", 1), ("size__lte", 10000000)), name="attachment_is_not_too_large"
            ),
        ),
        migrations.RunSQL(HELD, HELD_NO_MORE),
    ]
