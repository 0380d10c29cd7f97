"""Querysets that are built and planned once, and asked again and again with other values.

Django builds and compiles a query anew each time, and PostgreSQL plans it anew. For a page that reads a few rows this
takes longer than everything else together (docs/decisions/0023). A prepared queryset keeps its statement, which
PostgreSQL prepares too, and knows how a row becomes an object:

    OWN = Prepared(lambda: Booking.objects.with_session().filter(user=Given("user"), uid=Given("uid")))
    booking = OWN.first(user=person.pk, uid=uid)

It is written where it is used, at the top of a module; it is built when it is first asked. Writing a row costs as much
again: `PreparedInsert` keeps the statement of a model's rows, and `planned_cursor` one that is written by hand.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper
from django.db.models import BooleanField, Expression, Field, Func, Model, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.query import ModelIterable, ValuesListIterable, get_related_populators
from django.db.models.sql.compiler import SQLCompiler
from psycopg import sql as text
from psycopg.types.range import Range

Row = TypeVar("Row")
Saved = TypeVar("Saved", bound=Model)


class Given(Expression):
    """Stands for a value that is given each time: a filter takes it wherever it takes a value."""

    def __init__(self, name: str) -> None:
        """`name` is the keyword under which the value is given."""
        super().__init__()
        self.name = name

    def as_sql(  # type: ignore[override]  # a parameter is a value, but for this one which stands for it
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, list["Given"]]:
        """Return a placeholder, and itself where the value will be."""
        return "%s", [self]


class GivenMany(Given):
    """Stands for a list of values that is given each time: a filter takes it in `__in`."""

    def __init__(self, name: str, kind: Literal["bigint", "text"] = "bigint") -> None:
        """`kind` is what PostgreSQL calls the values: ids, unless it is said otherwise."""
        super().__init__(name)
        self.kind = kind

    def as_sql(  # type: ignore[override]  # as above
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, list[Given]]:
        """Return a placeholder for all of them, and itself where they will be."""
        return f"(SELECT unnest(%s::{self.kind}[]))", [self]


class IsAmong(Func):
    """Says of each row whether what stands in it is among texts that are given: for a few texts, and many rows.

    `__in` is a join to PostgreSQL, which guesses how many rows there are, and loops where it guesses too few.
    """

    template = "(%(expressions)s::text[]))"
    arg_joiner = " = ANY("
    output_field = BooleanField()

    def __init__(self, expression: Combinable, texts: Given) -> None:
        """`expression` is text."""
        super().__init__(expression, texts)


class PlannedCursor(ServerBindingCursor):
    """Sends the statement and its values apart, so that PostgreSQL knows the statement again."""

    def _convert_query(self, query: Any, params: Any = None) -> Any:
        # Where Django's record of statements looks for their text.
        self._query = super()._convert_query(query, params)  # type: ignore[misc]  # the stubs miss it
        return self._query


@contextmanager
def planned_cursor() -> Iterator[CursorWrapper]:
    """Yield a cursor whose statements PostgreSQL knows again, whatever their values.

    Where PostgreSQL cannot tell a value's type from its place (`SELECT %s`), the statement says it: `%s::bigint`.
    """
    with connection.cursor() as cursor:
        # Django's own cursor writes values into the text, so PostgreSQL would see another statement each time.
        cursor.cursor = PlannedCursor(cursor.cursor.connection)  # type: ignore[call-arg]  # the stubs miss it
        yield cursor


class Unprepared(TypeError):
    """The queryset cannot be prepared, or was not given what it asks for. `str()` says which."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled statement: its text, its parameters, and what makes an object of a row."""

    sql: str
    parameters: Sequence[str]
    """The names of the values that it is given, in the order of their placeholders."""
    locks: bool
    compiler: SQLCompiler
    converters: dict[int, tuple[list[Callable[..., Any]], Expression]]
    fields: Sequence[str]
    """The attributes of the model that the columns fill; none for rows that are tuples."""
    first_column: int
    populators: Sequence[Any]
    """What fills in the related objects of each row."""

    def rows(self, given: Mapping[str, Any]) -> Iterable[tuple[Any, ...]]:
        """Execute the statement with these values and return its rows."""
        if given.keys() != set(self.parameters):
            raise Unprepared(f"Asked with {sorted(given)}, but it takes {sorted(set(self.parameters))}.")
        if None in given.values():
            raise Unprepared("Nothing equals NULL: a value that may be missing needs a queryset of its own.")
        if self.locks and not connection.in_atomic_block:
            raise transaction.TransactionManagementError("Rows are locked inside a transaction.")
        with planned_cursor() as cursor:
            cursor.execute(self.sql, [given[name] for name in self.parameters])
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        if self.converters:
            return map(tuple, self.compiler.apply_converters(rows, self.converters))
        return rows

    def objects(self, given: Mapping[str, Any]) -> Iterator[Any]:
        """Execute the statement and yield model instances with their related ones, as Django's ModelIterable does."""
        model: type[Model] = self.compiler.klass_info["model"]
        end = self.first_column + len(self.fields)
        for row in self.rows(given):
            found = model.from_db(DEFAULT_DB_ALIAS, self.fields, row[self.first_column : end])
            for populator in self.populators:
                populator.populate(row, found)
            for name, column in self.compiler.annotation_col_map.items():
                setattr(found, name, row[column])
            yield found


class Prepared(Generic[Row]):
    """A queryset of model instances, or of `values_list` tuples, that is compiled once."""

    def __init__(self, build: Callable[[], QuerySet[Any, Row]]) -> None:
        """`build` returns the queryset, with a `Given` for each value that is given later.

        Anything else in it is the same for ever: the moment of building must not be in it (use `Now()`).
        """
        self._build = build

    def all(self, **given: Any) -> list[Row]:
        """Return every row. Raises Unprepared when the values are not those that it takes."""
        return list(self._iterate(given))

    def first(self, **given: Any) -> Row | None:
        """Return the first row or None, in the queryset's own order. Raises Unprepared as `all` does."""
        return next(self._iterate(given), None)

    @property
    def annotations(self) -> Collection[str]:
        """The names of what is annotated to each model instance."""
        found: Collection[str] = self._plan.compiler.annotation_col_map
        return found

    def _iterate(self, given: Mapping[str, Any]) -> Iterator[Row]:
        plan = self._plan
        return plan.objects(given) if plan.fields else iter(plan.rows(given))  # type: ignore[arg-type]  # tuples are its Row

    @cached_property
    def _plan(self) -> Plan:
        queryset = self._build()
        if queryset._prefetch_related_lookups:  # type: ignore[attr-defined]  # noqa: SLF001  # no public way to ask
            raise Unprepared("Prefetching makes statements of its own: prepare those instead.")
        if queryset._iterable_class not in (ModelIterable, ValuesListIterable):  # noqa: SLF001  # as above
            raise Unprepared("Its rows must be model instances, or tuples of values_list.")
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        connection.ensure_connection()  # it knows how values are written
        sql, parameters = compiler.as_sql()
        if any(isinstance(part, date | Range) for part in parameters):
            raise Unprepared("A moment is built into it, and would stay there for ever.")
        # For tuples too Django says which columns would fill a model; their order is another.
        fills_models = queryset._iterable_class is ModelIterable  # noqa: SLF001  # no public way to ask
        columns = compiler.klass_info["select_fields"] if fills_models else []
        return Plan(
            sql=_with_constants(sql, parameters),
            parameters=[part.name for part in parameters if isinstance(part, Given)],
            locks=queryset.query.select_for_update,
            compiler=compiler,
            converters=compiler.get_converters([column for column, *_ in compiler.select]),
            fields=[compiler.select[column][0].target.attname for column in columns],
            first_column=columns[0] if columns else 0,
            populators=_populators(compiler) if columns else (),
        )


def _populators(compiler: SQLCompiler) -> Sequence[Any]:
    found: Sequence[Any] = get_related_populators(compiler.klass_info, compiler.select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]  # newer stubs
    return found


class PreparedInsert(Generic[Saved]):
    """Saves new rows of a model by one statement: as `save(force_insert=True)`, but no signal is sent."""

    def __init__(self, model: type[Saved]) -> None:
        """`model` has fields that PostgreSQL stores as they are given, and a primary key that PostgreSQL gives."""
        self._model = model

    def save(self, new: Saved) -> None:
        """Insert a row that is not saved yet; it has its primary key then. Raises IntegrityError as `save` does."""
        values = [field.get_db_prep_save(field.pre_save(new, add=True), connection) for field in self._fields]
        with planned_cursor() as cursor:
            cursor.execute(self._sql, values)
            (new.pk,) = cursor.fetchone()
        state = new._state  # noqa: SLF001  # what a model knows of having been saved
        state.adding, state.db = False, DEFAULT_DB_ALIAS

    @cached_property
    def _fields(self) -> Sequence["Field[Any, Any]"]:
        return [field for field in self._model._meta.concrete_fields if not (field.primary_key or field.generated)]

    @cached_property
    def _sql(self) -> str:
        meta = self._model._meta
        key, *columns = (text.Identifier(str(field.column)) for field in (meta.pk, *self._fields))
        values = [text.Placeholder()] * len(columns)
        comma = text.SQL(", ")
        return (
            text.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING {}")
            .format(text.Identifier(meta.db_table), comma.join(columns), comma.join(values), key)
            .as_string(connection.connection)
        )


PLACEHOLDER = re.compile("%s|%%")


def _with_constants(sql: str, parameters: Sequence[Any]) -> str:
    """Write what never changes into the statement, so that PostgreSQL can prove that a partial index covers it."""
    left = iter(parameters)

    def write(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%%"
        part = next(left)
        return (
            "%s" if isinstance(part, Given) else text.Literal(part).as_string(connection.connection).replace("%", "%%")
        )

    return PLACEHOLDER.sub(write, sql)
