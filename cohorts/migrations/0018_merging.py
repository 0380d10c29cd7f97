"""What two accounts of one person that are put together ask of PostgreSQL.

* A member's bookings follow their membership when it moves to another account (ON UPDATE CASCADE).
* An account that was put together with another takes part in nothing new: whoever books, joins or applies with it at
  the very moment waits for the other transaction, and is refused.
"""

from django.db import migrations

BOOKINGS_FOLLOW = """
ALTER TABLE cohorts_booking
    DROP CONSTRAINT booking_has_the_bookers_own_membership,
    ADD CONSTRAINT booking_has_the_bookers_own_membership
    FOREIGN KEY (membership_id, user_id)
    REFERENCES cohorts_membership (id, user_id) ON UPDATE CASCADE;
"""

BOOKINGS_STAY = BOOKINGS_FOLLOW.replace(" ON UPDATE CASCADE", "")

MERGED_TAKE_NO_PART = """
CREATE FUNCTION cohorts_refuse_merged() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stays bigint;
BEGIN
    -- Locked, and not only read: whoever is being put together with another at this moment is waited for.
    SELECT merged_into_id INTO stays FROM accounts_user WHERE id = NEW.user_id FOR KEY SHARE;
    IF stays IS NOT NULL THEN
        RAISE EXCEPTION 'the account was put together with another'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'who_was_merged_takes_no_part';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER merged_take_no_part BEFORE INSERT ON cohorts_booking
FOR EACH ROW EXECUTE FUNCTION cohorts_refuse_merged();
CREATE TRIGGER merged_take_no_part BEFORE INSERT ON cohorts_membership
FOR EACH ROW EXECUTE FUNCTION cohorts_refuse_merged();
CREATE TRIGGER merged_take_no_part BEFORE INSERT ON cohorts_application
FOR EACH ROW EXECUTE FUNCTION cohorts_refuse_merged();
"""

MERGED_TAKE_PART = """
DROP TRIGGER merged_take_no_part ON cohorts_application;
DROP TRIGGER merged_take_no_part ON cohorts_membership;
DROP TRIGGER merged_take_no_part ON cohorts_booking;
DROP FUNCTION cohorts_refuse_merged();
"""


class Migration(migrations.Migration):
    """Bookings follow their membership; merged accounts take part in nothing new."""

    dependencies = [("cohorts", "0017_certificates"), ("accounts", "0005_needs_and_merges")]

    operations = [
        migrations.RunSQL(BOOKINGS_FOLLOW, BOOKINGS_STAY),
        migrations.RunSQL(MERGED_TAKE_NO_PART, MERGED_TAKE_PART),
    ]
