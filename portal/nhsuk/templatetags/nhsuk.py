"""The design system's components, forms and dates as template tags: built in, so no template loads them."""

from datetime import datetime
from typing import Protocol

from django.contrib.messages import SUCCESS
from django.contrib.messages.storage.base import Message
from django.forms import BaseForm
from django.template import Library
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from portal.nhsuk import components, dates, lists
from portal.nhsuk.fieldsets import render_field, summarise_errors, visible_questions
from portal.nhsuk.layout import Layout
from portal.nhsuk.policy import SUPPORTED_SNIPPET
from portal.nhsuk.radios import radios

register = Library()
register.tags.update(lists.register.tags)

register.simple_tag(components.tag)
register.simple_tag(components.button)
register.simple_tag(components.action_link)
register.simple_tag(components.back_link)
register.simple_tag(components.icon)
register.simple_tag(components.pagination)
register.simple_block_tag(components.inset_text)
register.simple_block_tag(components.details)
register.simple_block_tag(components.card)
register.simple_block_tag(components.warning_callout)
register.simple_block_tag(components.panel)
register.simple_block_tag(components.notification_banner)
register.simple_block_tag(radios)
register.filter("isolated", components.isolated)
register.filter("paragraphs", components.paragraphs)

register.filter("say_date", dates.say_date)
register.filter("say_time", dates.say_time)
register.filter("say_moment", dates.say_moment)
register.filter("say_until", dates.say_until)
register.filter("say_duration", dates.say_duration)
register.simple_tag(dates.say_when)

# For the template pack: a page itself writes `{{ form|crispy }}`.
register.filter("visible_questions", visible_questions)
register.filter("rendered", render_field)


class Timed(Protocol):
    """Whatever has a beginning and an end: a session, an occurrence, a meeting."""

    starts_at: datetime
    ends_at: datetime


@register.filter
def when(timed: Timed) -> str:
    """Say from when to when something takes place: "Tuesday 3 February 2026, 9.30am to 4.30pm"."""
    return dates.say_when(timed.starts_at, timed.ends_at)


@register.simple_tag
def breadcrumb(*steps: str) -> SafeString:
    """Show the way to here: text and address of each page above this one, by turns, nearest last."""
    return components.breadcrumb(list(zip(steps[::2], steps[1::2], strict=True)))


@register.simple_tag(name="error_summary")
def form_error_summary(*forms: BaseForm | str) -> SafeString:
    """List what has to be put right in these forms. Empty without errors; a form that is not there is no error."""
    return components.error_summary(
        error for form in forms if isinstance(form, BaseForm) for error in summarise_errors(form)
    )


@register.simple_tag
def supported_snippet() -> SafeString:
    """Give the one inline script, in the exact characters that the Content-Security-Policy's hash allows."""
    return mark_safe(f"<script>{SUPPORTED_SNIPPET}</script>")  # noqa: S308  # a constant of ours


@register.simple_tag
def plain_layout() -> Layout:
    """Give the layout for nobody in particular, for pages that are shown when all else has failed."""
    return Layout()


@register.simple_tag
def message_banner(message: Message, number: int) -> SafeString:
    """Show what the last request had to say; `number` counts those on this page from 0."""
    text = format_html('<p class="nhsuk-notification-banner__heading">{}</p>', message.message)
    return components.notification_banner(text, success=message.level == SUCCESS, number=number)
