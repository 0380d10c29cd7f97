"""Components of the NHS design system as functions that return safe HTML.

Each gives what the official macro of the same name gives. Text is escaped; what arrives as safe HTML stays as it is.
The small ones are built here rather than from templates because a list shows dozens of them on one page.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from django.template.defaultfilters import linebreaksbr
from django.templatetags.static import static
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import normalize_newlines

TAG_COLOURS = frozenset({"white", "grey", "green", "aqua-green", "blue", "purple", "pink", "red", "orange", "yellow"})
BUTTON_VARIANTS = frozenset({"secondary", "warning", "reverse", "login"})
LINK_AS_BUTTON = '<a class="{}" data-module="nhsuk-button" role="button" draggable="false"{}>{}{}</a>'
BUTTON = '<button class="{}" data-module="nhsuk-button"{}>{}{}</button>'
SUBMIT_BUTTON = BUTTON.replace("{}>", ' data-prevent-double-click="true"{}>', 1)
EMPTY = mark_safe("")
LINE_BREAK = SafeString("<br>")


@lru_cache
def icon(name: str) -> SafeString:
    """Draw an icon by its name in `static/build.js`, by reference to the file of icons."""
    return format_html(
        '<svg class="nhsuk-icon nhsuk-icon--{}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="16" '
        'height="16" focusable="false" aria-hidden="true"><use href="{}#{}"></use></svg>',
        name,
        static("icons.svg"),
        name,
    )


def tag(text: str, colour: str = "") -> SafeString:
    """Show a status. Raises ValueError on a colour that the design system does not have."""
    if colour and colour not in TAG_COLOURS:
        raise ValueError(f"The design system has no {colour!r} tag.")
    return format_html('<strong class="nhsuk-tag{}">{}</strong>', f" nhsuk-tag--{colour}" if colour else "", text)


def button(  # noqa: PLR0913  # each is an attribute that the official macro takes too
    text: str,
    *,
    href: str = "",
    variant: str = "",
    name: str = "",
    value: str = "",
    small: bool = False,
    kind: str = "submit",
    element_id: str = "",
    form: str = "",
    hidden_text: str = "",
) -> SafeString:
    """Offer an action: a link that looks like a button with `href`, otherwise a button of type `kind`.

    `hidden_text` is read out after `text` and not seen: what tells a row's button from the next's. A submit button
    swallows the second click of a double click. Raises ValueError on an unknown variant.
    """
    if variant and variant not in BUTTON_VARIANTS:
        raise ValueError(f"The design system has no {variant!r} button.")
    classes = "nhsuk-button"
    if variant:
        classes += f" nhsuk-button--{variant}"
    if small:
        classes += " nhsuk-button--small"
    if href:
        element, given = LINK_AS_BUTTON, {"href": href, "id": element_id}
    else:
        element = SUBMIT_BUTTON if kind == "submit" else BUTTON
        given = {"type": kind, "name": name, "value": value, "id": element_id, "form": form}
    attributes = format_html_join("", ' {}="{}"', ((each, what) for each, what in given.items() if what))
    return format_html(element, classes, attributes, text, _hidden(hidden_text))


def action_link(text: str, href: str) -> SafeString:
    """Lead to the page's main next step."""
    return format_html(
        '<a class="nhsuk-action-link" href="{}">{}<span class="nhsuk-action-link__text">{}</span></a>',
        href,
        icon("arrow-right-circle"),
        text,
    )


def link(text: str, href: str, hidden_text: str = "") -> SafeString:
    """Lead somewhere. `hidden_text` is read out after `text` and not seen: what tells a row's link from the next's."""
    return format_html('<a href="{}">{}{}</a>', href, text, _hidden(hidden_text))


def lines(*texts: str) -> SafeString:
    """Set texts one under another."""
    return format_html_join(LINE_BREAK, "{}", ((text,) for text in texts))


def isolated(name: str) -> SafeString:
    """Set a name apart, so that the direction in which it is written turns nothing around it."""
    return format_html("<bdi>{}</bdi>", name)


def paragraphs(text: str) -> SafeString:
    """Show what somebody typed with its paragraphs and lines, each paragraph in the direction in which it is written.

    Nothing in it counts as HTML, whatever it is marked as.
    """
    typed = normalize_newlines(text).strip("\n")
    return format_html_join(
        "", '<p dir="auto">{}</p>', ((linebreaksbr(each),) for each in re.split(r"\n{2,}", typed) if each)
    )


def back_link(href: str, text: str = "Back", hidden_text: str = "") -> SafeString:
    """Lead back to the page before. `hidden_text` is read out before `text` and not seen."""
    hidden = format_html('<span class="nhsuk-u-visually-hidden">{} </span>', hidden_text) if hidden_text else EMPTY
    return format_html('<a class="nhsuk-back-link" href="{}">{}{}</a>', href, hidden, text)


def breadcrumb(steps: Sequence[tuple[str, str]]) -> SafeString:
    """Show the way from the front page to here: (text, address) of each page above this one, nearest last."""
    items = format_html_join(
        "",
        '<li class="nhsuk-breadcrumb__list-item"><a class="nhsuk-breadcrumb__link" href="{}">{}</a></li>',
        ((href, text) for text, href in steps),
    )
    text, href = steps[-1]
    return format_html(
        '<nav class="nhsuk-breadcrumb" aria-label="Breadcrumb"><ol class="nhsuk-breadcrumb__list">{}</ol>{}</nav>',
        items,
        back_link(href, text, "Back to"),
    )


def error_message(text: str, element_id: str) -> SafeString:
    """Say beside a field what has to be put right."""
    return format_html(
        '<span class="nhsuk-error-message" id="{}"><span class="nhsuk-u-visually-hidden">Error: </span>{}</span>',
        element_id,
        text,
    )


def hint(text: str | Promise, element_id: str, classes: str = "") -> SafeString:
    """Help with a field."""
    return format_html('<div class="nhsuk-hint{}" id="{}">{}</div>', f" {classes}" if classes else "", element_id, text)


def error_summary(errors: Iterable[tuple[str, str]]) -> SafeString:
    """List at the top of the page what has to be put right: (message, id of the control that puts it right).

    Empty when there is nothing. An empty id gives a message without a link.
    """
    items = [
        format_html('<a href="#{}">{}</a>', target, message) if target else format_html("{}", message)
        for message, target in errors
    ]
    if not items:
        return EMPTY
    return format_html(
        '<div class="nhsuk-error-summary" data-module="nhsuk-error-summary"><div role="alert">'
        '<h2 class="nhsuk-error-summary__heading">There is a problem</h2><div class="nhsuk-error-summary__body">'
        '<ul class="nhsuk-list nhsuk-error-summary__list">{}</ul></div></div></div>',
        format_html_join("", "<li>{}</li>", ((item,) for item in items)),
    )


def inset_text(content: str) -> SafeString:
    """Set a passage apart from the text around it."""
    return format_html(
        '<div class="nhsuk-inset-text"><span class="nhsuk-u-visually-hidden">Information: </span>{}</div>', content
    )


def details(content: str, summary: str, *, expander: bool = False, opened: bool = False) -> SafeString:
    """Hold back what only some readers need, until they open it."""
    return format_html(
        '<details class="nhsuk-details{}"{}><summary class="nhsuk-details__summary">'
        '<span class="nhsuk-details__summary-text">{}</span></summary>'
        '<div class="nhsuk-details__text">{}</div></details>',
        " nhsuk-expander" if expander else "",
        EMPTY if not opened else " open",
        summary,
        content,
    )


def card(
    content: str, heading: str, *, href: str = "", level: int = 2, size: str = "m", variant: str = ""
) -> SafeString:
    """Put a heading and what belongs to it into a box; with `href` the whole box leads there.

    `variant` is "feature", "secondary", "warning" or nothing.
    """
    classes = "nhsuk-card"
    if href:
        classes += " nhsuk-card--clickable"
    if variant:
        classes += f" nhsuk-card--{variant}"
    title = format_html('<a class="nhsuk-card__link" href="{}">{}</a>', href, heading) if href else heading
    return format_html(
        '<div class="{0}"><div class="nhsuk-card__content">'
        '<h{1} class="nhsuk-card__heading nhsuk-heading-{2}">{3}</h{1}>{4}</div></div>',
        classes,
        level,
        size,
        title,
        content,
    )


def warning_callout(content: str, heading: str, *, level: int = 3) -> SafeString:
    """Warn of something that must not be missed."""
    title: str = heading
    if "important" not in heading.lower():
        title = format_html(
            '<span role="text"><span class="nhsuk-u-visually-hidden">Important: </span>{}</span>', heading
        )
    return format_html(
        '<div class="nhsuk-card nhsuk-card--warning"><div class="nhsuk-card__content">'
        '<h{0} class="nhsuk-card__heading">{1}</h{0}>{2}</div></div>',
        level,
        title,
        content,
    )


def panel(content: str, heading: str) -> SafeString:
    """Confirm, as the heading of its page, that something is done."""
    return format_html(
        '<div class="nhsuk-panel"><h1 class="nhsuk-panel__heading">{}</h1>'
        '<div class="nhsuk-panel__body">{}</div></div>',
        heading,
        content,
    )


def notification_banner(
    content: str, *, success: bool = False, alert: bool = False, title: str = "", number: int = 0
) -> SafeString:
    """Tell of something that is not about this page's own content: what has just been done, or what to know.

    One of success, and an `alert`, which answers what the person has just tried, take the focus. `number` tells apart
    the titles' ids where a page shows several.
    """
    title_id = f"nhsuk-notification-banner-title{f'-{number}' if number else ''}"
    return format_html(
        '<div class="nhsuk-notification-banner{}" data-module="nhsuk-notification-banner" role="{}" '
        'aria-labelledby="{}"><div class="nhsuk-notification-banner__header">'
        '<h2 class="nhsuk-notification-banner__title" id="{}">{}</h2></div>'
        '<div class="nhsuk-notification-banner__content">{}</div></div>',
        " nhsuk-notification-banner--success" if success else "",
        "alert" if success or alert else "region",
        title_id,
        title_id,
        title or ("Success" if success else "Important"),
        content,
    )


def pagination(
    *, previous_href: str = "", next_href: str = "", previous_label: str = "", next_label: str = ""
) -> SafeString:
    """Lead to the neighbouring pages of a list that is read by key. Empty when there are none.

    A label says where a link leads ("Later sessions").
    """
    steps = [
        _step("previous", "prev", "Previous", previous_href, previous_label, icon("arrow-left")),
        _step("next", "next", "Next", next_href, next_label, icon("arrow-right")),
    ]
    if not any(steps):
        return EMPTY
    return format_html(
        '<nav class="nhsuk-pagination" role="navigation" aria-label="Pagination">'
        '<ul class="nhsuk-list nhsuk-pagination__list">{}{}</ul></nav>',
        *steps,
    )


def _step(side: str, rel: str, title: str, href: str, label: str, arrow: SafeString) -> SafeString:
    if not href:
        return EMPTY
    label_html = EMPTY
    if label:
        label_html = format_html(
            ' <span class="nhsuk-u-visually-hidden">:</span> <span class="nhsuk-pagination__page">{}</span>', label
        )
    return format_html(
        '<li class="nhsuk-pagination-item--{0}">'
        '<a class="nhsuk-pagination__link nhsuk-pagination__link--{1}" href="{2}" rel="{1}">'
        '<span class="nhsuk-pagination__title">{3}<span class="nhsuk-u-visually-hidden"> page</span></span>{4}{5}'
        "</a></li>",
        side,
        rel,
        href,
        title,
        label_html,
        arrow,
    )


def _hidden(text: str) -> SafeString:
    """Return what is read out after something and not seen; nothing for nothing."""
    return format_html(' <span class="nhsuk-u-visually-hidden">{}</span>', text) if text else EMPTY
