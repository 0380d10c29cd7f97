"""Points pasted from a spreadsheet, or chosen as a CSV file: read as a whole before anything is saved."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from portal.file_limits import MOST_BYTES, MOST_PROBLEMS, UnreadableFile
from portal.nhsuk.fieldsets import Look
from portal.spreadsheets import WORKBOOK, decoded
from qi_projects.models import Measure
from qi_projects.number_cells import Style, read_number, say_number
from qi_projects.pasted_points import Pasted, read_pasted
from qi_projects.watchful_forms import WatchesForPatients

DECIMALS: Final = "decimals"
NOTHING: Final = "Paste the rows from your spreadsheet, or choose a file"


class PasteForm(WatchesForPatients):
    """Takes the text, or a file whose text then stands in the box. `pasted` says what is in it."""

    text = forms.CharField(
        label="Rows from your spreadsheet",
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "autocomplete": "off"}),
        strip=False,
        error_messages={"required": NOTHING},
    )
    file = forms.FileField(
        label="Or a CSV file",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
        error_messages={"empty": "The file is empty. Choose another one"},
    )
    looks = {"text": Look(size="m"), "file": Look(size="m")}

    def __init__(
        self,
        data: QueryDict | None = None,
        files: MultiValueDict[str, Any] | None = None,
        *,
        measure: Measure,
    ) -> None:
        super().__init__(data, files)
        self.measure = measure
        self.pasted = Pasted()
        self.guessed: Sequence[str] = ()
        order = "date, how many, out of how many" if measure.counts_pairs else "date, figure"
        self.fields["text"].help_text = (
            f"One row for each point: {order}, and a note if there is one. A first row of headings may say which is "
            "which."
        )

    @property
    def problems(self) -> Sequence[str]:
        """Return what is wrong, row by row, as much as anybody reads at a time."""
        more = len(self.pasted.problems) - MOST_PROBLEMS
        return [*self.pasted.problems[:MOST_PROBLEMS], *([f"And {more:,} more like these."] if more > 0 else [])]

    def clean_file(self) -> Any:
        """Let the file's text stand in the box."""
        file = self.cleaned_data["file"]
        if not file:
            return file
        content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ValidationError(f"The file is larger than {MOST_BYTES // 1_000_000} MB. Divide it into smaller files")
        if content.startswith(WORKBOOK):
            raise ValidationError(
                "This is an Excel workbook. Copy its rows and paste them, or choose Save as, then CSV UTF-8"
            )
        try:
            text, self.guessed = decoded(content)
        except UnreadableFile as unreadable:
            raise ValidationError(list(unreadable.problems)) from None
        self.errors.pop("text", None)  # an empty box is right beside a file
        self.cleaned_data["text"] = text.removeprefix("\ufeff")
        self._keep(text=self.cleaned_data["text"])
        return file

    def clean(self) -> dict[str, Any]:
        """Read the text as points; ask how decimals are written where that is not clear."""
        if "text" in self.cleaned_data and "file" in self.cleaned_data:
            self._read(self.cleaned_data["text"])
        return super().clean()

    def _read(self, text: str) -> None:
        if not text.strip():
            self.add_error("text", NOTHING)
            return
        answer = self.data.get(self.add_prefix(DECIMALS))
        style = Style(answer) if answer in set(Style) else None
        today = timezone.localdate()
        try:
            self.pasted = read_pasted(text, self.measure, today=today, style=style)
            if self.pasted.asks_for_decimals or style:
                self._ask_for_decimals(self.pasted.asks_for_decimals)
        except UnreadableFile as unreadable:
            self.add_error("text", list(unreadable.problems))
            return
        if self.pasted.asks_for_decimals:
            self.add_error(DECIMALS, "Select how decimals are written")
        elif number := len(self.pasted.problems):
            rows = "1 thing has" if number == 1 else f"{number:,} things have"
            self.add_error("text", f"{rows} to be put right. Nothing is saved")

    def _ask_for_decimals(self, cell: str) -> None:
        choices = {Style.POINT: "With a point, as in 12.5", Style.COMMA: "With a comma, as in 12,5"}
        if cell:
            choices = {
                style: f"{words}: {cell} is {say_number(read_number(cell, style)) or 'no number'}"
                for style, words in choices.items()
            }
        self.fields[DECIMALS] = forms.ChoiceField(
            label="How are decimals written?",
            choices=[(style.value, words) for style, words in choices.items()],
            widget=forms.RadioSelect,
            required=False,
        )
        self.looks = {**self.looks, DECIMALS: Look(size="m")}

    def _texts(self, cleaned: dict[str, Any]) -> list[tuple[str, str]]:
        """Look at all that was pasted but the dates of the points: beside a note these look like dates of birth."""
        return [("text", self.pasted.besides)] if "text" in cleaned else []

    def _keep(self, **fields: str) -> None:
        data: Mapping[str, Any] = self.data
        kept = QueryDict(mutable=True)
        kept.update(data)
        for name, value in fields.items():
            kept[name] = value
        self.data = kept
