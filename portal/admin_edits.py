"""Two people at one row in the admin pages: the second is told what the first has changed; nothing is lost unseen.

A form carries what stood there when it was opened, field by field, as hashes. When it is sent the row is locked and
compared.
"""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, Final

from django.db.models import Field, Model, QuerySet
from django.forms import ModelForm
from django.utils.text import capfirst

SEEN: Final = "_seen"
LONGEST_SAID: Final = 60
DELETED: Final = "Somebody else has deleted this since you opened it. What you typed is not saved."


def as_it_stands(row: Model, fields: Iterable[str], related: Mapping[str, QuerySet[Any]]) -> dict[str, str]:
    """Return a hash of each of a row's fields and of each of its kinds of related rows, as PostgreSQL has them now."""
    own = {name: _hash(_value(row, name)) for name in fields if name in _fields(row)}
    return own | {
        name: _hash([list(each) for each in rows.order_by("pk").values_list()]) for name, rows in related.items()
    }


def read_seen(sent: str) -> Mapping[str, Any]:
    """Return what a form carried of how a row stood; nothing, of what is no such thing."""
    try:
        seen = json.loads(sent)
    except (ValueError, RecursionError):  # the second for what is nested a thousand times over
        return {}
    return seen if isinstance(seen, dict) else {}


def telling(
    form: "type[ModelForm[Any]]", rows: QuerySet[Any], related: Mapping[str, QuerySet[Any]]
) -> "type[ModelForm[Any]]":
    """Return the form that refuses to save over what somebody else has saved in `rows` since it was opened."""

    class Telling(form):  # type: ignore[misc, valid-type]  # which form it is, is known as it runs
        def clean(self) -> Any:
            if SEEN in self.data and (changed := self._changed_meanwhile()):
                self.add_error(None, changed)
            return super().clean()

        def _changed_meanwhile(self) -> str:
            row = rows.select_for_update(of=("self",), no_key=True).filter(pk=self.instance.pk).first()
            if row is None:
                return DELETED
            seen = read_seen(self.data[SEEN])
            now = as_it_stands(row, self.fields, related)
            changed = [name for name, stands in now.items() if seen.get(name, stands) != stands]
            return _told(row, changed) if changed else ""

    return Telling


def _told(row: Model, changed: Iterable[str]) -> str:
    said = ", ".join(_said(row, name) for name in changed)
    return (
        f"Somebody else has saved this since you opened it. They changed: {said}. What you typed is below, and is not "
        "saved. Save again to put it in the place of what they wrote."
    )


def _said(row: Model, name: str) -> str:
    """Name what was changed, with what stands there now where that is short."""
    field = _fields(row).get(name)
    if field is None:
        return name
    label = capfirst(str(field.verbose_name))
    if field.many_to_many:
        return label
    now = getattr(row, f"get_{name}_display")() if field.choices else getattr(row, name)
    now = {True: "yes", False: "no", None: "empty", "": "empty"}.get(now, str(now)) if _is_plain(now) else str(now)
    return f"{label} (now: {now})" if len(now) <= LONGEST_SAID else label


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, bool | str)


def _value(row: Model, name: str) -> Any:
    field = _fields(row)[name]
    value = field.value_from_object(row)
    return sorted(each.pk for each in value) if field.many_to_many else value


def _fields(row: Model) -> dict[str, "Field[Any, Any]"]:
    return {field.name: field for field in [*row._meta.concrete_fields, *row._meta.many_to_many]}


def _hash(value: Any) -> str:
    return sha256(json.dumps(value, default=str).encode()).hexdigest()[:16]
