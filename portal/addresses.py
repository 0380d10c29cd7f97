"""The addresses of many things of one kind, for pages that lead to each.

Django's `reverse` finds a route anew each time, which for a list of 20 rows takes as long as reading them. Here it is
asked once a process, and its answer filled in for each row:

    REGISTER = Addresses("register", 0)
    href = REGISTER.of(session.pk)
"""

from functools import cached_property

from django.urls import reverse


class Addresses:
    """The addresses of one route, by its arguments. Those are ids and slugs: nothing in them is escaped."""

    def __init__(self, route: str, *stand_ins: object) -> None:
        """`stand_ins` are arguments that the route takes, each of which stands nowhere else in its address."""
        self._route = route
        self._stand_ins = stand_ins

    def of(self, *arguments: object) -> str:
        """Return the address for these arguments, of the stand-ins' kinds and in their order."""
        return self._form.format(*arguments)

    @cached_property
    def _form(self) -> str:
        form = reverse(self._route, args=self._stand_ins)
        for stand_in in self._stand_ins:
            form = form.replace(str(stand_in), "{}", 1)
        return form
