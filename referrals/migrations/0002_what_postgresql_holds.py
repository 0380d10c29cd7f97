"""What models cannot say: open queues stay out of PostgreSQL's log, and no envelope is sealed to an ended epoch."""

from django.db import migrations

UNLOGGED = "ALTER TABLE referrals_unlock SET UNLOGGED"
LOGGED = "ALTER TABLE referrals_unlock SET LOGGED"

CHECK = """
CREATE FUNCTION referrals_refuse_ended_epoch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM referrals_epoch WHERE id = NEW.epoch_id AND ended_on IS NULL FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'An envelope is sealed to an epoch that has ended.' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER referrals_refuse_ended_epoch BEFORE INSERT ON referrals_envelope
    FOR EACH ROW WHEN (NEW.epoch_id IS NOT NULL) EXECUTE FUNCTION referrals_refuse_ended_epoch();
"""
UNCHECK = """
DROP TRIGGER referrals_refuse_ended_epoch ON referrals_envelope;
DROP FUNCTION referrals_refuse_ended_epoch();
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0001_initial")]

    operations = [
        migrations.RunSQL(UNLOGGED, LOGGED),
        migrations.RunSQL(CHECK, UNCHECK),
    ]
