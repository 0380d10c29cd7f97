"""From a message's row and what its rule loaded to a mail with headers, text, HTML and calendar."""

import re
from collections.abc import Collection, Iterable
from email.utils import formatdate
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMultiAlternatives
from django.template import Context, Engine

from portal.outbox import rules, stop_links, wire
from portal.outbox.mail import Calendar, Link, Mail
from portal.outbox.models import Message, Stop
from portal.outbox.relay import Hopeless
from portal.outbox.sealing import SealedMail, unseal

# Out-of-office answers and delivery reports are not wanted (RFC 3834).
AUTOMATIC = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}

BLANK_LINES = re.compile(r"\n\s*\n")


class Letter(EmailMultiAlternatives):
    """A mail as Django's mail backends take one; what goes over the wire is written by `portal.outbox.wire`."""

    def __init__(
        self,
        *,
        key: UUID,
        to: str,
        subject: str,
        text: str,
        html: str | None,
        calendar: Calendar | None = None,
        stop_link: str | None = None,
    ) -> None:
        """Address a mail; `key` is the left half of its Message-ID, `stop_link` the address at which it is stopped."""
        headers = {**AUTOMATIC, "Message-ID": f"<{key}@{urlsplit(settings.ORIGIN).hostname}>"}
        if stop_link is not None:
            headers |= stop_links.headers(stop_link)
        super().__init__(subject=" ".join(subject.split()), body=text, to=[to], headers=headers)
        self._key = key
        self._html = html
        self._calendar = calendar
        if html is not None:
            self.attach_alternative(html, "text/html")

    def message(self, **_: Any) -> Any:
        """Return the mail as it goes over the wire; Django's options say nothing about it."""
        headers = {
            "Subject": self.subject,
            "From": self.from_email,
            "To": self.to[0],
            "Date": formatdate(),
            **self.extra_headers,
        }
        text, mark = str(self.body), f"={self._key.hex}"
        return wire.Written(wire.write(headers.items(), text, self._html, self._calendar, mark=mark))


class Composer:
    """Composes the messages of one batch, from what is read at once for all of them.

    A rule whose `load` fails costs its own messages an attempt and no other's.
    """

    def __init__(self, messages: Iterable[Message]) -> None:
        """Read the people, and what each rule's subjects are made of."""
        subjects: dict[str, list[str]] = {}
        people: set[int] = set()
        kinds: set[str] = set()
        for message in messages:
            if message.person_id is not None:
                people.add(message.person_id)
            if message.rule != rules.SEALED:
                subjects.setdefault(message.rule, []).append(message.subject)
                if kind := rules.optional_kind_of(message.rule):
                    kinds.add(kind.name)
        self._people = get_user_model().objects.in_bulk(people)
        self._stopped = _stopped(kinds, people) if kinds else frozenset()
        self._loaded = {rule: _load(rule, list(dict.fromkeys(keys))) for rule, keys in subjects.items()}

    def compose(self, message: Message) -> Letter | Message.Skipped:
        """Return the mail as it has to go now, or why it need not go. Raises whatever its rule raises."""
        if message.rule == rules.SEALED:
            return _sealed(message)
        loaded = self._loaded[message.rule]
        if isinstance(loaded, Exception):
            raise loaded
        if message.subject not in loaded:
            return Message.Skipped.GONE
        person = self._people.get(message.person_id)
        if person is None or not person.is_active:
            return Message.Skipped.INACTIVE
        if not person.email:
            return Message.Skipped.NO_ADDRESS
        rule = rules.named(message.rule)
        if rule.optional and (rule.optional.name, person.pk) in self._stopped:
            return Message.Skipped.STOPPED
        mail = rule.compose(loaded[message.subject], person)
        return Message.Skipped.STALE if mail is None else _set(mail, person, message.message_id, rule.optional)


def _stopped(kinds: Collection[str], people: Collection[int]) -> frozenset[tuple[str, int]]:
    """Return who of these people has stopped which of these kinds of letters."""
    return frozenset(Stop.objects.filter(kind__in=kinds, person__in=people).values_list("kind", "person"))


def _load(rule: str, subjects: list[str]) -> Any:
    """Return what the rule loads, or the error that it raised instead."""
    try:
        return rules.named(rule).load(subjects)
    except Exception as error:  # noqa: BLE001  # a rule is an app's own code and may fail in any way
        return error


def _set(mail: Mail, person: Any, message_id: UUID, kind: rules.Optional | None) -> Letter:
    """Set a rule's mail in the portal's letter, as text and as HTML; of an optional `kind`, with how it is stopped."""
    stop_link = stop_links.of(person.pk, kind) if kind else None
    context = {
        **mail.context,
        "person": person,
        "link": mail.link and Link(mail.link.text, _absolute(mail.link.url)),
        "stop_link": stop_link,
        "subject": mail.subject,
        "service_name": settings.ORGANISATION_NAME,
        "origin": settings.ORIGIN,
    }
    return Letter(
        key=message_id,
        to=person.email,
        subject=mail.subject,
        text=_render(f"outbox/{mail.template}.txt", context, autoescape=False),
        html=_render(f"outbox/{mail.template}.html", context, autoescape=True),
        calendar=mail.calendar,
        stop_link=stop_link,
    )


def _sealed(message: Message) -> Letter:
    """Open a sealed message. Raises Hopeless when it is too old, or no key opens it."""
    try:
        mail: SealedMail = unseal(bytes(message.payload or b""))
    except InvalidToken as error:
        raise Hopeless(error) from None
    return Letter(key=message.message_id, **mail)


def _render(template: str, context: dict[str, Any], *, autoescape: bool) -> str:
    """Render a template that knows no request: HTML escaped, plain text not, neither with gaps where a tag stood."""
    rendered = Engine.get_default().get_template(template).render(Context(context, autoescape=autoescape))
    return BLANK_LINES.sub("\n\n", str(rendered)).strip() + "\n"


def _absolute(url: str) -> str:
    """Lead a path of this portal to its address."""
    return settings.ORIGIN + url if url.startswith("/") else url
