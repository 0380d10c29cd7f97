"""Letters about an account, to an address that may have none yet: codes, warnings, invitations."""

from django.conf import settings
from django.template.loader import render_to_string

from portal import outbox
from portal.accounts.models import User


def write_letter(to: str, subject: str, text: str, *, person: User | None) -> None:
    """Put a letter into the outbox, encrypted, as plain text and as the same words in HTML."""
    context = {"subject": subject, "text": text, "service_name": settings.ORGANISATION_NAME}
    html = render_to_string("accounts/email/letter.html", context)
    outbox.write_sealed(to=to, subject=subject, text=text, html=html, person=person)
