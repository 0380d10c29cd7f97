"""Letters about an account, to an address that may have none yet: codes, warnings, invitations."""

from django.template.loader import render_to_string

from portal import outbox
from portal.accounts.models import User


def write_letter(to: str, subject: str, text: str, *, person: User | None) -> None:
    """Put a letter into the outbox, encrypted, as plain text and as the same words in HTML."""
    html = render_to_string("accounts/email/letter.html", {"subject": subject, "text": text})
    outbox.write_sealed(to=to, subject=subject, text=text, html=html, person=person)
