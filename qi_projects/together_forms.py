"""Forms of rows of a project: they watch for what looks like patients, and for what another changes meanwhile."""

from collections.abc import Sequence

from django.db.models import Model
from django.http import QueryDict

from portal.together_forms import BesideOthers, initial_of
from qi_projects.watchful_forms import WatchesForPatients


class FormOfRow(WatchesForPatients, BesideOthers):
    """A form of fields of one row: `names` says which; a form that extends it adds a field for each."""

    def __init__(self, data: QueryDict | None = None, *, row: Model, names: Sequence[str]) -> None:
        super().__init__(data, initial={name: initial_of(row, name) for name in names})
        self.carry(row, names)
