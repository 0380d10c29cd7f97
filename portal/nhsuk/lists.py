"""Lists and tables whose parts have to know of one another: template tags that are written inside other tags.

{% summary_list %}{% summary_row "Date" href=change_url what="date" %}…{% endsummary_row %}{% endsummary_list %}
{% table "Sessions" "When" "Where" %}{% row %}{% cell %}…{% endcell %}{% endrow %}{% endtable %}

What is long is shown by one tag each, `{% table_of rows "Sessions" "When" "Where" %}` and `{% task_list tasks %}`, from
rows that Python has made: nearly all that a list costs is its cells, and as tags they cost several times as much.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self, TypeVar

from django.template import Context, Library, Node, NodeList, TemplateSyntaxError
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from portal.nhsuk.components import EMPTY, tag

register = Library()
Part = TypeVar("Part", bound=Node)


class BlockNode(Node):
    """A tag with content: `{% name argument option=value %}content{% endname %}`."""

    options: ClassVar[frozenset[str]] = frozenset()
    end: ClassVar[str]

    def __init__(
        self, arguments: list[FilterExpression], options: Mapping[str, FilterExpression], nodelist: NodeList
    ) -> None:
        self.arguments = arguments
        self.given = options
        self.nodelist = nodelist

    @classmethod
    def parse(cls, parser: Parser, token: Token) -> Self:
        """Compile the tag. Raises TemplateSyntaxError on an option that it does not have."""
        name, *bits = token.split_contents()
        arguments, options = [], {}
        for bit in bits:
            option = token_kwargs([bit], parser)
            if option:
                options.update(option)
            else:
                arguments.append(parser.compile_filter(bit))
        unknown = options.keys() - cls.options
        if unknown:
            raise TemplateSyntaxError(f"{{% {name} %}} has no option {', '.join(sorted(unknown))}.")
        nodelist = parser.parse((cls.end,))
        parser.delete_first_token()
        return cls(arguments, options, nodelist)

    def said(self, context: Context) -> list[Any]:
        """Resolve the positional arguments."""
        return [argument.resolve(context) for argument in self.arguments]

    def option(self, context: Context, name: str) -> Any:
        """Resolve an option; empty when it was not given."""
        expression = self.given.get(name)
        return "" if expression is None else expression.resolve(context)


def found_in(nodelist: NodeList, kind: type[Part]) -> list[Part]:
    """Return the tags of one kind within others, in the order of the template."""
    return [node for node in nodelist.get_nodes_by_type(kind) if isinstance(node, kind)]


class SummaryRowNode(BlockNode):
    """A key, its value, and where to change it: `href`, `action` (else "Change"), `what` is changed (read out only)."""

    options = frozenset({"href", "action", "what"})
    end = "endsummary_row"
    # Whether some row of the same list offers an action; the list says so when it is compiled.
    beside_actions = False

    def render(self, context: Context) -> SafeString:
        """Give the row."""
        (key,) = self.said(context)
        actions = EMPTY
        if href := self.option(context, "href"):
            what = self.option(context, "what")
            actions = format_html(
                '<dd class="nhsuk-summary-list__actions"><a class="nhsuk-link" href="{}">{}{}</a></dd>',
                href,
                self.option(context, "action") or "Change",
                format_html('<span class="nhsuk-u-visually-hidden"> {}</span>', what) if what else EMPTY,
            )
        return format_html(
            '<div class="nhsuk-summary-list__row{}"><dt class="nhsuk-summary-list__key">{}</dt>'
            '<dd class="nhsuk-summary-list__value">{}</dd>{}</div>',
            " nhsuk-summary-list__row--no-actions" if self.beside_actions and not actions else "",
            key,
            self.nodelist.render(context),
            actions,
        )


class SummaryListNode(BlockNode):
    """Facts, each under its key. `border=False` draws no lines between them."""

    options = frozenset({"border"})
    end = "endsummary_list"

    @classmethod
    def parse(cls, parser: Parser, token: Token) -> Self:
        """Compile the list, and tell its rows whether any of them offers an action."""
        node = super().parse(parser, token)
        rows = found_in(node.nodelist, SummaryRowNode)
        for row in rows:
            row.beside_actions = any("href" in other.given for other in rows)
        return node

    def render(self, context: Context) -> SafeString:
        """Give the list."""
        return format_html(
            '<dl class="nhsuk-summary-list{}">{}</dl>',
            " nhsuk-summary-list--no-border" if self.option(context, "border") is False else "",
            self.nodelist.render(context),
        )


@dataclass(frozen=True, slots=True)
class Task:
    """One thing there is to do: its status stands in a tag of `colour`, or plain where there is none."""

    title: str
    href: str = ""
    hint: str = ""
    status: str = ""
    colour: str = ""
    completed: bool = False
    cannot_start: bool = False


@register.simple_tag
def task_list(tasks: Iterable[Task], *, prefix: str = "task-list") -> SafeString:
    """Show what there is to do. `prefix` begins the ids of its parts, for a page with several lists."""
    items = [_task(task, f"{prefix}-{number}") for number, task in enumerate(tasks, start=1)]
    return format_html('<ul class="nhsuk-task-list">{}</ul>', mark_safe("".join(items)))  # noqa: S308  # made below


def _task(task: Task, task_id: str) -> SafeString:
    hint_id, status_id = f"{task_id}-hint", f"{task_id}-status"
    name = format_html("<div>{}</div>", task.title)
    if task.href:
        name = format_html(
            '<a class="nhsuk-task-list__link nhsuk-link" href="{}" aria-describedby="{}">{}</a>',
            task.href,
            f"{hint_id} {status_id}" if task.hint else status_id,
            task.title,
        )
    modifier = ""
    if task.completed:
        modifier = " nhsuk-task-list__status--completed"
    elif task.cannot_start:
        modifier = " nhsuk-task-list__status--cannot-start-yet"
    return format_html(
        '<li class="nhsuk-task-list__item{}"><div class="nhsuk-task-list__name-and-hint">{}{}</div>'
        '<div class="nhsuk-task-list__status{}" id="{}">{}</div></li>',
        " nhsuk-task-list__item--with-link" if task.href else "",
        name,
        format_html('<div class="nhsuk-task-list__hint" id="{}">{}</div>', hint_id, task.hint) if task.hint else EMPTY,
        modifier,
        status_id,
        tag(task.status, task.colour) if task.colour else task.status,
    )


class CellNode(BlockNode):
    """One cell of a row. `heading=True` makes it the row's heading, `numeric=True` sets figures to the right."""

    options = frozenset({"heading", "numeric"})
    end = "endcell"
    # Its place in its row, from 0; the row says it when it is compiled.
    place = 0

    def render(self, context: Context) -> SafeString:
        """Give the cell, with its column's heading repeated for narrow screens."""
        headings = context["table_headings"]
        if self.place >= len(headings):
            raise TemplateSyntaxError(f"Cell {self.place + 1} stands in a table of {len(headings)} columns.")
        is_heading = bool(self.option(context, "heading"))
        classes = "nhsuk-table__header" if is_heading else "nhsuk-table__cell"
        if self.option(context, "numeric"):
            classes += f" {classes}--numeric"
        return format_html(
            '<{0} class="{1}"{2} role="{3}"><span class="nhsuk-table__heading" aria-hidden="true">{4} </span>'
            "<span>{5}</span></{0}>",
            "th" if is_heading else "td",
            classes,
            SCOPE_ROW if is_heading else EMPTY,
            "rowheader" if is_heading else "cell",
            headings[self.place],
            self.nodelist.render(context),
        )


SCOPE_ROW = format_html(' scope="{}"', "row")


class RowNode(BlockNode):
    """One row of a `{% table %}`. It has a cell for each column, so none of them inside `{% if %}`."""

    end = "endrow"

    @classmethod
    def parse(cls, parser: Parser, token: Token) -> Self:
        """Compile the row, and tell its cells their places."""
        node = super().parse(parser, token)
        for place, cell in enumerate(found_in(node.nodelist, CellNode)):
            cell.place = place
        return node

    def render(self, context: Context) -> SafeString:
        """Give the row."""
        return format_html('<tr class="nhsuk-table__row" role="row">{}</tr>', self.nodelist.render(context))


class TableNode(BlockNode):
    """A table that folds into cards on narrow screens: its caption, then the headings of its columns.

    `size` is the caption's: "s", "m", "l" or "xl".
    """

    options = frozenset({"size"})
    end = "endtable"

    def render(self, context: Context) -> SafeString:
        """Give the table."""
        caption, *headings = self.said(context)
        size = self.option(context, "size")
        with context.push(table_headings=headings):
            rows = self.nodelist.render(context)
        return _table(caption, f" nhsuk-table__caption--{size}" if size else "", headings, rows)


class TableRow(Protocol):
    """A row that is ready to be shown."""

    @property
    def cells(self) -> Sequence[str]:
        """What stands in each column."""


@register.simple_tag
def table_of(rows: Iterable[TableRow], caption: str, *headings: str) -> SafeString:
    """Show rows that are ready in a table like `{% table %}`; its caption is read out and not seen.

    Raises ValueError for a row that has not a cell for each heading.
    """
    openings = [
        format_html(
            '<td class="nhsuk-table__cell" role="cell"><span class="nhsuk-table__heading" aria-hidden="true">{} </span>'
            "<span>",
            heading,
        )
        for heading in headings
    ]
    body = [
        '<tr class="nhsuk-table__row" role="row">'
        + "".join(
            f"{opening}{conditional_escape(cell)}</span></td>"
            for opening, cell in zip(openings, row.cells, strict=True)
        )
        + "</tr>"
        for row in rows
    ]
    return _table(caption, " nhsuk-u-visually-hidden", headings, mark_safe("".join(body)))  # noqa: S308  # escaped above


def _table(caption: str, caption_classes: str, headings: Sequence[str], rows: SafeString) -> SafeString:
    return format_html(
        '<table class="nhsuk-table nhsuk-table--responsive" role="table"><caption class="nhsuk-table__caption{}">{}'
        '</caption><thead class="nhsuk-table__head" role="rowgroup"><tr class="nhsuk-table__row" role="row">{}</tr>'
        '</thead><tbody class="nhsuk-table__body">{}</tbody></table>',
        caption_classes,
        caption,
        format_html_join(
            "",
            '<th class="nhsuk-table__header" scope="col" role="columnheader">{}</th>',
            ((heading,) for heading in headings),
        ),
        rows,
    )


register.tag("summary_list", SummaryListNode.parse)
register.tag("summary_row", SummaryRowNode.parse)
register.tag("table", TableNode.parse)
register.tag("row", RowNode.parse)
register.tag("cell", CellNode.parse)
