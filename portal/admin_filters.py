"""By what the address of an admin list may filter it: by what stands on its page, and by nothing else.

Django allows any lookup on a model's own columns, and on the rows that point at it. On the list of people
`?testimonies=7` would answer whose a testimony without a name is, `?needs__isnull=False` who has said what they need,
and `?password__startswith=` letter by letter what is kept of a password; on the list of members, who nominated whom.
"""

from collections.abc import Iterable
from typing import Any, Final

ENDINGS: Final = ("", "__exact", "__id__exact", "__isnull", "__isempty")
"""What Django's own filters put behind the name of what they filter by."""


def stands_on_page(lookup: str, filters: Iterable[Any]) -> bool:
    """Say whether one of a list's filters, as its `list_filter` names them, puts this lookup into the address."""
    return any(lookup in _lookups_of(each) for each in filters)


def _lookups_of(chosen: Any) -> frozenset[str]:
    """Return what one filter puts there: the name of a class of its own, or a field with an ending of Django's."""
    if isinstance(chosen, type):
        return frozenset({getattr(chosen, "parameter_name", "")})
    field = chosen if isinstance(chosen, str) else chosen[0]
    return frozenset(field + ending for ending in ENDINGS)
