"""The pages on which an admin looks at what putting two accounts together does, and does it."""

import pytest
from django.urls import reverse

from portal.accounts.models import User
from tests import factories as make
from tests.cohorts.pages import words
from tests.merging.accounts import put_together
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db


def test_an_admin_looks_at_it_and_does_it(old: User, new: User, admin: User) -> None:
    session = make.make_open_session()
    make.make_booking(old, session)
    make.make_booking(new, session)
    desk, people = desk_of(admin), reverse("admin:accounts_user_changelist")
    led = desk.post(people, {"action": "put_together", "_selected_action": [old.pk, new.pk]})
    page = led.headers["Location"]
    assert "Email address of the other account" in words(desk.get(page))
    other = {old: new, new: old}[User.objects.get(pk=int(page.split("/")[4]))]
    sent = {"email": other.email, "stays": "other" if other == new else "this"}

    asked = desk.post(page, sent)

    assert "Both have it. Booked stays" in words(asked)
    assert User.objects.get(pk=old.pk).merged_into is None
    seen = asked.context["question"].unseen[0][1]
    make.make_booking(old, make.make_open_session(days=60))
    changed = desk.post(page, {**sent, "seen": seen, "confirmed": "yes"})
    assert changed.status_code == 409
    assert "Something has changed since you looked." in words(changed)
    seen = changed.context["question"].unseen[0][1]
    done = desk.post(page, {**sent, "seen": seen, "confirmed": "yes"}, follow=True)
    assert "are one. Both addresses are written to." in words(done)
    assert User.objects.get(pk=old.pk).merged_into == new
    closed = desk.get(reverse("admin:accounts_user_change", args=[old.pk]))
    assert "This account was put together with" in words(closed)
    again = desk.post(reverse("admin:accounts_user_merge", args=[old.pk]), sent)
    assert again.status_code == 403


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Enter the email address of the other account"),
        ({"email": "nobody@trust.example", "stays": "this"}, "Enter the address of another account."),
        ({"email": "amina@nhs.example", "stays": "this"}, "Enter the address of another account."),
        ({"email": "amina@trust.example", "stays": "both"}, "Select a valid choice."),
        ({"email": "am\0ina@trust.example", "stays": "this"}, "Null characters are not allowed."),
    ],
)
def test_what_makes_no_pair_is_said(old: User, new: User, admin: User, sent: dict[str, str], said: str) -> None:
    answer = desk_of(admin).post(reverse("admin:accounts_user_merge", args=[old.pk]), sent)
    assert answer.status_code == 422
    assert said in words(answer)


def test_a_refusal_is_said_on_the_page(old: User, admin: User) -> None:
    sent = {"email": admin.email, "stays": "this"}
    answer = desk_of(admin).post(reverse("admin:accounts_user_merge", args=[old.pk]), sent)
    assert answer.status_code == 422
    assert "Somebody else has to do that for you." in words(answer)


def test_one_or_three_are_no_pair(old: User, new: User, admin: User) -> None:
    page, third = reverse("admin:accounts_user_changelist"), make.make_user()
    for chosen in ([old.pk], [old.pk, new.pk, third.pk]):
        answer = desk_of(admin).post(page, {"action": "put_together", "_selected_action": chosen}, follow=True)
        assert "Tick the two accounts of one person." in words(answer)


def test_a_closed_account_and_a_superusers_are_no_pair(old: User, new: User, admin: User) -> None:
    superuser = User.objects.create_superuser("superuser@trust.example", "Demo Superuser")
    put_together(old, new, admin)
    page = reverse("admin:accounts_user_changelist")
    for chosen in ([old.pk, new.pk], [superuser.pk, new.pk]):
        answer = desk_of(admin).post(page, {"action": "put_together", "_selected_action": chosen}, follow=True)
        assert "One of them is a superuser" in words(answer)


def test_a_closed_account_is_no_choice_elsewhere(old: User, new: User, admin: User) -> None:
    put_together(old, new, admin)
    desk = desk_of(admin)
    asks = {"app_label": "accounts", "model_name": "role", "field_name": "user", "term": "amina@"}
    found = desk.get(reverse("admin:autocomplete"), asks).json()["results"]
    assert [each["id"] for each in found] == [str(new.pk)]
    sent = {"user": old.pk, "kind": "champion", "organisation": "", "until_0": "", "until_1": ""}
    assert "Select a valid choice." in words(desk.post(reverse("admin:accounts_role_add"), sent))
