"""Whole forms: what is asked, what is said of what went wrong, and that nothing typed is lost."""

from typing import Any

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Field, Fieldset, Layout, Submit
from django import forms
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from portal.nhsuk.fieldsets import Look, render_field, summarise_errors, visible_questions
from tests.nhsuk.conftest import Ours


class Cancel(forms.Form):
    helper: FormHelper
    reason = forms.ChoiceField(
        label="Why are you cancelling?", choices=[("ill", "I am ill"), ("other", "Other")], widget=forms.RadioSelect
    )
    more = forms.CharField(label="Tell us more", required=False, widget=forms.Textarea, max_length=500)
    name = forms.CharField(label="Your name")
    sure = forms.BooleanField(label="I am sure")
    token = forms.CharField(widget=forms.HiddenInput)
    looks = {"reason": Look(reveals={"other": "more"})}

    def clean(self) -> dict[str, Any]:
        if self.data.get("token") == "old":
            raise ValidationError("The session has been moved")
        return self.cleaned_data


def test_both_ways_to_write_a_form_give_the_same_fields(ours: Ours) -> None:
    form = Cancel({"token": "1"})
    form.helper = FormHelper()
    form.helper.form_tag = False
    form.helper.disable_csrf = True
    assert ours("{% crispy form %}", form=form).split() == ours("{{ form|crispy }}", form=form).split()


def test_a_whole_form_with_its_buttons(ours: Ours) -> None:
    form = Cancel()
    form.helper = FormHelper()
    form.helper.form_action = "/cancel/"
    form.helper.add_input(Submit("cancel", "Cancel my place"))
    html = ours("{% crispy form %}", form=form)
    assert 'action="/cancel/"' in html
    assert "novalidate" in html
    assert 'name="cancel"' in html
    assert 'data-prevent-double-click="true"' in html
    assert html.count('name="token"') == 1


def test_a_form_that_says_its_own_order(ours: Ours) -> None:
    form = Cancel()
    form.helper = FormHelper()
    form.helper.form_tag = False
    form.helper.layout = Layout(Fieldset("About you", Field("name")), Div("sure", css_class="nhsuk-grid-row"), "reason")
    html = ours("{% crispy form %}", form=form)
    assert (
        html.index("About you") < html.index('name="name"') < html.index("nhsuk-grid-row") < html.index('name="reason"')
    )


def test_a_formset(ours: Ours) -> None:
    formset = forms.formset_factory(Cancel, extra=2)()
    html = ours("{{ formset|crispy }}", formset=formset)
    assert html.count('name="form-1-name"') == 1
    assert 'name="form-TOTAL_FORMS"' in html


def test_what_one_choice_reveals_is_asked_within_it() -> None:
    form = Cancel()
    assert [bound.name for bound in visible_questions(form)] == ["reason", "name", "sure"]
    html = render_field(form["reason"])
    assert html.index('data-aria-controls="conditional-id_reason-2"') < html.index('id="conditional-id_reason-2"')
    assert html.index('id="conditional-id_reason-2"') < html.index('name="more"')


def test_says_what_to_do_about_each_question_and_leads_to_it() -> None:
    assert list(summarise_errors(Cancel({}))) == [
        ("This field is required.", ""),
        ("Select an answer to “Why are you cancelling?”", "id_reason"),
        ("Enter your name", "id_name"),
        ("Select “I am sure”", "id_sure"),
    ]


def test_an_error_of_the_whole_form_leads_to_its_first_question() -> None:
    assert ("The session has been moved", "id_reason") in list(summarise_errors(Cancel({"token": "old"})))


def test_a_form_that_was_not_sent_has_no_errors() -> None:
    assert list(summarise_errors(Cancel())) == []


def test_a_message_of_the_form_own_stands() -> None:
    class Own(forms.Form):
        code = forms.CharField(error_messages={"required": "Enter the code from your mail"})

    assert list(summarise_errors(Own({}))) == [("Enter the code from your mail", "id_code")]


def test_refuses_a_widget_that_it_cannot_show() -> None:
    class Odd(forms.Form):
        it = forms.DateTimeField(widget=forms.SplitDateTimeWidget)

    with pytest.raises(TypeError, match="SplitDateTimeWidget"):
        render_field(Odd()["it"])


@given(st.text(min_size=1, max_size=80))
def test_whatever_was_typed_is_shown_again_and_nothing_of_it_runs(typed: str) -> None:
    form = Cancel({"name": typed, "more": typed, "reason": typed})
    assert form["name"].value() == typed
    for name in ("name", "more", "reason"):
        html = render_field(form[name])
        assert "<script" not in html
        assert html.count("<label") == (4 if name == "reason" else 1) - (name == "reason")
