"""Each component gives what the design system's own macro of the same name gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils.safestring import mark_safe

from portal.nhsuk.components import isolated, lines, link, paragraphs
from portal.nhsuk.lists import Task
from portal.nhsuk.radios import Choices
from tests.nhsuk.conftest import Ours, official
from tests.nhsuk.normalised import normalised


@dataclass
class Row:
    """A row for `{% table_of %}`."""

    cells: Sequence[str]


# What the templates below name.
GIVEN = {
    "rows": [Row([lines(link("3 May", "/3"), "Leeds"), "4"]), Row([link("4 May", "/4", "in Leeds"), "<5>"])],
    "tasks": [
        Task("Session 1", href="/1", hint="Choose a date", status="To do", colour="blue"),
        Task("Session 2", status="Completed", completed=True),
        Task("Session 3", status="Cannot start yet", cannot_start=True),
    ],
    "marks": Choices([("attended", "Attended {0}"), ("apologies", "Sent apologies")]),
}

# What is compared: (template, component, macro, the macro's parameters).
CASES: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "tag": ('{% tag "Booked" %}', "tag", "tag", {"text": "Booked"}),
    "tag in a colour": ('{% tag "Full" "red" %}', "tag", "tag", {"text": "Full", "colour": "red"}),
    "button": (
        '{% button "Continue" %}',
        "button",
        "button",
        {"text": "Continue", "preventDoubleClick": True},
    ),
    "button with all": (
        '{% button "Delete" variant="warning" small=True name="action" value="delete" element_id="delete" %}',
        "button",
        "button",
        {
            "text": "Delete",
            "variant": "warning",
            "small": True,
            "name": "action",
            "value": "delete",
            "id": "delete",
            "preventDoubleClick": True,
        },
    ),
    "button that is not for sending": (
        '{% button "Show" kind="button" variant="secondary" %}',
        "button",
        "button",
        {"text": "Show", "type": "button", "variant": "secondary"},
    ),
    "button that is a link": (
        '{% button "Start" href="/start?a=1&b=2" %}',
        "button",
        "button",
        {"text": "Start", "href": "/start?a=1&b=2"},
    ),
    "action link": (
        '{% action_link "Book a place" "/book" %}',
        "action-link",
        "actionLink",
        {"text": "Book a place", "href": "/book"},
    ),
    "back link": ('{% back_link "/me/" %}', "back-link", "backLink", {"href": "/me/"}),
    "back link that says where to": (
        '{% back_link "/me/" "Your programme" "Back to" %}',
        "back-link",
        "backLink",
        {"href": "/me/", "text": "Your programme", "visuallyHiddenText": "Back to"},
    ),
    "breadcrumb": (
        '{% breadcrumb "Home" "/" "Programmes" "/programmes/" %}',
        "breadcrumb",
        "breadcrumb",
        {"items": [{"text": "Home", "href": "/"}, {"text": "Programmes", "href": "/programmes/"}]},
    ),
    "inset text": (
        "{% inset_text %}<p>Bring your badge.</p>{% endinset_text %}",
        "inset-text",
        "insetText",
        {"html": "<p>Bring your badge.</p>"},
    ),
    "details": (
        '{% details "Where to park" %}<p>Behind the building.</p>{% enddetails %}',
        "details",
        "details",
        {"summaryText": "Where to park", "html": "<p>Behind the building.</p>"},
    ),
    "details that are open, as an expander": (
        '{% details "Where to park" expander=True opened=True %}<p>Behind it.</p>{% enddetails %}',
        "details",
        "details",
        {"summaryText": "Where to park", "html": "<p>Behind it.</p>", "classes": "nhsuk-expander", "open": True},
    ),
    "card": (
        '{% card "Book club" %}<p>Three meetings.</p>{% endcard %}',
        "card",
        "card",
        {"heading": {"text": "Book club", "size": "m"}, "description": {"html": "<p>Three meetings.</p>"}},
    ),
    "card that leads somewhere": (
        '{% card "Book club" href="/club" level=3 size="s" %}<p>Three meetings.</p>{% endcard %}',
        "card",
        "card",
        {
            "heading": {"text": "Book club", "size": "s", "level": 3},
            "href": "/club",
            "clickable": True,
            "description": {"html": "<p>Three meetings.</p>"},
        },
    ),
    "feature card": (
        '{% card "Book club" variant="feature" %}<p>Three meetings.</p>{% endcard %}',
        "card",
        "card",
        {
            "heading": {"text": "Book club", "size": "m"},
            "variant": "feature",
            "description": {"html": "<p>Three meetings.</p>"},
        },
    ),
    "warning callout": (
        '{% warning_callout "The room has changed" %}<p>It is room 4.</p>{% endwarning_callout %}',
        "warning-callout",
        "warningCallout",
        {"heading": "The room has changed", "html": "<p>It is room 4.</p>"},
    ),
    "warning callout that says important": (
        '{% warning_callout "Important dates" level=2 %}<p>Two.</p>{% endwarning_callout %}',
        "warning-callout",
        "warningCallout",
        {"heading": {"text": "Important dates", "level": 2}, "html": "<p>Two.</p>"},
    ),
    "panel": (
        '{% panel "Your place is booked" %}We have sent you an email{% endpanel %}',
        "panel",
        "panel",
        {"heading": {"text": "Your place is booked", "level": 1}, "text": "We have sent you an email"},
    ),
    "notification banner": (
        "{% notification_banner %}<p>The session moved.</p>{% endnotification_banner %}",
        "notification-banner",
        "notificationBanner",
        {"html": "<p>The session moved.</p>"},
    ),
    "notification banner that takes the focus": (
        "{% notification_banner alert=True %}<p>Nothing was booked.</p>{% endnotification_banner %}",
        "notification-banner",
        "notificationBanner",
        {"html": "<p>Nothing was booked.</p>", "role": "alert"},
    ),
    "notification banner of success": (
        "{% notification_banner success=True %}<p>Saved.</p>{% endnotification_banner %}",
        "notification-banner",
        "notificationBanner",
        {"html": "<p>Saved.</p>", "variant": "success"},
    ),
    "pagination": (
        '{% pagination previous_href="?before=1" next_href="?after=9" %}',
        "pagination",
        "pagination",
        {"previous": {"href": "?before=1"}, "next": {"href": "?after=9"}},
    ),
    "pagination that says where to": (
        '{% pagination next_href="?after=9" next_label="Later sessions" %}',
        "pagination",
        "pagination",
        {"next": {"href": "?after=9", "label": "Later sessions"}},
    ),
    "summary list": (
        (
            '{% summary_list %}{% summary_row "Date" href="/change" what="date" %}3 May{% endsummary_row %}'
            '{% summary_row "Place" %}<b>Hall</b>{% endsummary_row %}{% endsummary_list %}'
        ),
        "summary-list",
        "summaryList",
        {
            "rows": [
                {
                    "key": "Date",
                    "value": "3 May",
                    "actions": {"items": [{"text": "Change", "href": "/change", "visuallyHiddenText": "date"}]},
                },
                {"key": "Place", "value": {"html": "<b>Hall</b>"}},
            ]
        },
    ),
    "summary list without lines": (
        '{% summary_list border=False %}{% summary_row "Place" %}Hall{% endsummary_row %}{% endsummary_list %}',
        "summary-list",
        "summaryList",
        {"rows": [{"key": "Place", "value": "Hall"}], "border": False},
    ),
    "task list": (
        "{% task_list tasks %}",
        "task-list",
        "taskList",
        {
            "items": [
                {
                    "heading": "Session 1",
                    "href": "/1",
                    "hint": "Choose a date",
                    "status": {"tag": {"text": "To do", "colour": "blue"}},
                },
                {
                    "heading": "Session 2",
                    "status": {"text": "Completed", "classes": "nhsuk-task-list__status--completed"},
                },
                {
                    "heading": "Session 3",
                    "status": {"text": "Cannot start yet", "classes": "nhsuk-task-list__status--cannot-start-yet"},
                },
            ]
        },
    ),
    "table": (
        (
            '{% table "Sessions" "When" "Places" size="m" %}{% row %}{% cell heading=True %}<b>3 May</b>{% endcell %}'
            "{% cell numeric=True %}<b>4</b>{% endcell %}{% endrow %}{% endtable %}"
        ),
        "tables",
        "table",
        {
            "caption": {"text": "Sessions", "size": "m"},
            "responsive": True,
            "firstCellIsHeader": True,
            "head": ["When", "Places"],
            "rows": [[{"html": "<b>3 May</b>"}, {"html": "<b>4</b>", "format": "numeric"}]],
        },
    ),
    "table of rows that are ready": (
        '{% table_of rows "Dates" "When" "Places {0}" %}',
        "tables",
        "table",
        {
            "caption": {"text": "Dates", "classes": "nhsuk-u-visually-hidden"},
            "responsive": True,
            "head": ["When", "Places {0}"],
            "rows": [
                [{"html": '<a href="/3">3 May</a><br>Leeds'}, {"html": "4"}],
                [
                    {"html": '<a href="/4">4 May <span class="nhsuk-u-visually-hidden">in Leeds</span></a>'},
                    {"html": "&lt;5&gt;"},
                ],
            ],
        },
    ),
    "radios for one row of many": (
        '{% radios "mark-7" "Ada" marks "apologies" %}<b>St Elsewhere</b>{% endradios %}',
        "radios",
        "radios",
        {
            "fieldset": {"legend": {"text": "Ada", "size": "s"}},
            "idPrefix": "mark-7",
            "name": "mark-7",
            "hint": {"html": "<b>St Elsewhere</b>"},
            "inline": True,
            "small": True,
            "value": "apologies",
            "items": [{"value": "attended", "text": "Attended {0}"}, {"value": "apologies", "text": "Sent apologies"}],
        },
    ),
}


@pytest.fixture(scope="module")
def officially() -> dict[str, str]:
    """What the design system's own macros give, by case."""
    asked = [
        {"component": component, "macro": macro, "params": params} for _, component, macro, params in CASES.values()
    ]
    return dict(zip(CASES, official(asked), strict=True))


@pytest.mark.parametrize("case", CASES)
def test_as_the_official_macro(case: str, ours: Ours, officially: dict[str, str]) -> None:
    assert normalised(ours(CASES[case][0], **GIVEN)) == normalised(officially[case])


@pytest.mark.parametrize(
    "template",
    [
        "{% tag text %}",
        "{% button text %}",
        "{% action_link text text %}",
        "{% back_link text text text %}",
        "{% breadcrumb text text %}",
        "{% pagination next_href=text next_label=text %}",
        "{% details text %}{{ text }}{% enddetails %}",
        "{% card text href=text %}{{ text }}{% endcard %}",
        "{% warning_callout text %}{{ text }}{% endwarning_callout %}",
        "{% panel text %}{{ text }}{% endpanel %}",
        "{% notification_banner title=text %}{{ text }}{% endnotification_banner %}",
        "{% inset_text %}{{ text }}{% endinset_text %}",
        (
            "{% summary_list %}{% summary_row text href=text action=text what=text %}{{ text }}{% endsummary_row %}"
            "{% endsummary_list %}"
        ),
        "{% task_list tasks prefix=text %}",
        "{% table text text %}{% row %}{% cell %}{{ text }}{% endcell %}{% endrow %}{% endtable %}",
        "{% table_of rows text text text text text %}",
        "{% radios text text choices text %}{{ text }}{% endradios %}",
    ],
)
def test_escapes_whatever_it_is_given(template: str, ours: Ours) -> None:
    text = "\"><script>'&"
    cells = [text, link(text, text, text), lines(text, text), isolated(text)]
    tasks = [Task(text, href=text, hint=text, status=text), Task(text, status=text, colour="red")]
    html = ours(template, text=text, rows=[Row(cells)], tasks=tasks, choices=Choices([(text, text)]))
    assert "<script" not in html
    assert '"">' not in html
    assert "&lt;script&gt;" in html


def test_paragraphs_keep_their_lines_and_their_own_direction() -> None:
    typed = mark_safe("\r\nOne <b>\r\nand more\r\n\r\n\r\nTwo\n")  # it is not trusted for all that
    assert paragraphs(typed) == '<p dir="auto">One &lt;b&gt;<br>and more</p><p dir="auto">Two</p>'
    assert paragraphs("\n\n") == ""


def test_a_row_has_a_cell_for_each_heading(ours: Ours) -> None:
    for cells in (["one"], ["one", "two", "three"]):
        with pytest.raises(ValueError, match="zip"):
            ours('{% table_of rows "Sessions" "When" "Where" %}', rows=[Row(cells)])


def test_no_neighbours_no_pagination(ours: Ours) -> None:
    assert ours("{% pagination %}") == ""


@pytest.mark.parametrize("template", ['{% tag "Booked" "beige" %}', '{% button "Go" variant="beige" %}'])
def test_refuses_what_the_design_system_does_not_have(template: str, ours: Ours) -> None:
    with pytest.raises(ValueError, match="beige"):
        ours(template)
