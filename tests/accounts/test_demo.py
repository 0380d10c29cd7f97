"""The demonstration's people and mail: there in a demonstration, and nowhere else."""

import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMessage, get_connection
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, include, path, reverse

from portal.accounts import checks, demo_views
from portal.accounts.demo_people import DEMO_PASSWORD, DEMO_PEOPLE, is_demo_address
from portal.accounts.models import Role, User
from portal.accounts.people import add_person
from portal.trail import SYSTEM

urlpatterns = [path("demo/", include("portal.accounts.demo_urls")), path("", include("portal.urls"))]

pytestmark = pytest.mark.django_db
demo_urls = pytest.mark.urls(__name__)


@pytest.fixture
def person() -> User:
    plan = DEMO_PEOPLE[0]
    return add_person(plan.email, plan.name, added_by=SYSTEM, password=DEMO_PASSWORD)


@pytest.fixture
def demo(settings: Any, tmp_path: Path) -> Path:
    """Be a demonstration whose mail lies in a folder of this test."""
    settings.DEMO = True
    settings.DATA_DIR = tmp_path
    settings.TEMPLATES = deepcopy(settings.TEMPLATES)
    settings.TEMPLATES[0]["OPTIONS"]["context_processors"].append("portal.accounts.demo_views.demo_people")
    return tmp_path


def send(folder: Path, *subjects: str, attachment: tuple[str, bytes, str] | None = None) -> None:
    backend = "django.core.mail.backends.filebased.EmailBackend"
    with get_connection(backend, file_path=str(folder / "mail")) as opened:
        for subject in subjects:
            message = EmailMessage(subject, f"Words of <b>{subject}</b>", to=["amina@trust.example"], connection=opened)
            if attachment:
                message.attach(*attachment)
            message.send()


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_people_are_the_same_for_ever() -> None:
    assert [person.email for person in DEMO_PEOPLE] == [
        f"{who}@demo.example"
        for who in (
            "participant",
            "applicant",
            "graduate",
            "champion",
            "lead",
            "facilitator",
            "coach",
            "programme-admin",
            "admin",
            "triager",
            "triage-lead",
        )
    ]
    assert {kind for person in DEMO_PEOPLE for kind in person.kinds} < set(Role.Kind.values)
    assert [person.email for person in DEMO_PEOPLE if person.is_staff] == [
        "programme-admin@demo.example",
        "admin@demo.example",
    ]


def test_printing_them_needs_no_settings() -> None:
    words = "from portal.accounts.demo_people import DEMO_PEOPLE; print(len(DEMO_PEOPLE))"
    done = subprocess.run([sys.executable, "-c", words], env={}, capture_output=True, text=True, check=True)
    assert done.stdout == "11\n"


@demo_urls
def test_one_click_signs_in(client: Client, person: User, demo: Path) -> None:
    answer = client.post(reverse("demo_sign_in"), {"email": person.email})
    assert answer.headers["Location"] == reverse("me")
    assert signed_in(client)


@demo_urls
def test_one_click_leads_on_to_the_page_that_was_wanted(client: Client, person: User, demo: Path) -> None:
    wanted = reverse("bookings")
    page = client.get(reverse("account_login", query={"next": wanted})).content.decode()
    form = page[page.index(f'action="{reverse("demo_sign_in")}"') :]
    assert f'<input type="hidden" name="next" value="{wanted}">' in form[: form.index("</form>")]
    assert client.post(reverse("demo_sign_in"), {"email": person.email, "next": wanted}).headers["Location"] == wanted


@demo_urls
@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example"])
def test_one_click_leads_nowhere_else(client: Client, person: User, demo: Path, target: str) -> None:
    assert client.post(reverse("demo_sign_in"), {"email": person.email, "next": target}).headers["Location"] == reverse(
        "me"
    )


@demo_urls
def test_one_click_needs_a_token_and_a_post(person: User, demo: Path) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(reverse("demo_sign_in"), {"email": person.email}).status_code == 403
    assert strict.get(reverse("demo_sign_in"), {"email": person.email}).status_code == 405
    assert not signed_in(strict)


@demo_urls
@pytest.mark.parametrize("email", ["", "\0", "director@trust.example", "coach@demo.example"])
def test_one_click_is_for_its_people_alone(client: Client, demo: Path, email: str) -> None:
    add_person("director@trust.example", "Demo Director", added_by=SYSTEM)
    assert client.post(reverse("demo_sign_in"), {"email": email}).status_code == 404
    assert not signed_in(client)


@demo_urls
def test_a_password_signs_in_as_well(client: Client, person: User, demo: Path) -> None:
    client.post(reverse("account_login"), {"login": person.email, "password": DEMO_PASSWORD})
    assert signed_in(client)


@demo_urls
def test_the_views_refuse_outside_a_demonstration(client: Client, person: User) -> None:
    assert client.post("/demo/sign-in/", {"email": person.email}).status_code == 404
    assert client.get("/demo/mail/").status_code == 404
    assert client.get("/demo/mail/20260101-000000-1.log/0/0/").status_code == 404
    assert not signed_in(client)


def test_the_addresses_do_not_exist_outside_a_demonstration() -> None:
    for name in ["demo_sign_in", "demo_mail"]:
        with pytest.raises(NoReverseMatch):
            reverse(name)


def test_their_password_lets_nobody_in_outside_a_demonstration(client: Client, person: User) -> None:
    answer = client.post(reverse("account_login"), {"login": person.email, "password": DEMO_PASSWORD})
    assert answer.headers["Location"] == reverse("account_inactive")
    assert not signed_in(client)


def test_a_deployment_with_them_is_refused(person: User, settings: Any) -> None:
    assert [finding.id for finding in checks.no_demo_people(None)] == ["accounts.E001"]
    settings.DEMO = True
    assert checks.no_demo_people(None) == []
    settings.DEMO = False
    User.objects.all().delete()
    assert checks.no_demo_people(None) == []


def test_a_deployment_without_tables_is_not_refused() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path TO nowhere")
    assert checks.no_demo_people(None) == []
    connection.needs_rollback = False


def test_what_a_demo_address_is() -> None:
    assert is_demo_address("Coach@DEMO.example")
    assert not is_demo_address("coach@demo.example.org")
    assert not is_demo_address("coach@sub.demo.example")


@demo_urls
def test_mail_is_listed_newest_first_page_by_page(client: Client, demo: Path) -> None:
    send(demo, *[f"Letter {number}" for number in range(demo_views.MAILS_A_PAGE + 3)])
    first = client.get("/demo/mail/")
    assert [mail.subject for mail in first.context["mails"]][:2] == ["Letter 22", "Letter 21"]
    older = client.get("/demo/mail/" + first.context["older"])
    assert [mail.subject for mail in older.context["mails"]] == ["Letter 2", "Letter 1", "Letter 0"]
    assert older.context["older"] == ""
    page = first.content.decode()
    assert "Words of &lt;b&gt;Letter 22&lt;/b&gt;" in page


@demo_urls
def test_there_is_a_page_before_any_mail(client: Client, demo: Path) -> None:
    assert "There is none yet" in client.get("/demo/mail/").content.decode()


@demo_urls
@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 30, "\0", "٣", ""])
def test_an_odd_page_number_is_no_error(client: Client, demo: Path, page: str) -> None:
    send(demo, "Letter")
    assert client.get("/demo/mail/", {"page": page}).status_code == 200


@demo_urls
def test_an_attachment_is_handed_out_and_never_shown(client: Client, demo: Path) -> None:
    send(demo, "Booked", attachment=("session.ics", b"BEGIN:VCALENDAR", "text/calendar"))
    mail = client.get("/demo/mail/").context["mails"][0]
    answer = client.get(f"/demo/mail/{mail.file}/{mail.number}/0/")
    assert answer.content == b"BEGIN:VCALENDAR"
    assert answer.headers["Content-Disposition"] == "attachment"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get(f"/demo/mail/{mail.file}/{mail.number}/1/").status_code == 404
    assert client.get(f"/demo/mail/{mail.file}/1/0/").status_code == 404


@demo_urls
@pytest.mark.parametrize("file", ["secret_key", "..", "%2e%2e%2fsecret_key", "..%2Fsecret_key", "%00", "a.log"])
def test_no_other_file_is_handed_out(client: Client, demo: Path, file: str) -> None:
    (demo / "mail").mkdir()
    for name in ["secret_key", "mail/secret_key", "mail/a.log"]:
        (demo / name).write_text("From: x\n\nsecret\n" + "-" * 79 + "\n")
    assert client.get(f"/demo/mail/{file}/0/0/").status_code == 404
