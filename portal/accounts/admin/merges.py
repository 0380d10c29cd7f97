"""The page on which two accounts of one person are put together, once it is said what becomes of all they hold."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from portal.access import person as signed_in_person
from portal.accounts.merging import foresee, merge
from portal.accounts.models import User
from portal.accounts.moving import HasChanged, MergeRefused, Plan
from portal.form_choices import offer_choices
from portal.questions import Question, ask, count_of, fill_in, goes_back, is_confirmed

TITLE = "Put two accounts together"
SEEN = "seen"
THIS, OTHER = "this", "other"
HEADINGS = ("What", "Of what", "What becomes of it")
# Of what an admin has to know: all that clashes, and much of what does not.
MOST_LISTED = 200
NOT_DONE = 409


class MergeForm(forms.Form):
    """Asks for the other account of the same person, and which of the two stays."""

    email = forms.EmailField(
        label="Email address of the other account",
        max_length=254,
        error_messages={"required": "Enter the email address of the other account"},
    )
    stays = forms.ChoiceField(
        label="Which account stays",
        widget=forms.RadioSelect,
        help_text="The one whose address they use today: they sign in with it, and we write to it.",
        error_messages={"required": "Select which account stays"},
    )
    other: User

    def __init__(self, data: Any, *, about: User, initial: dict[str, str]) -> None:
        super().__init__(data, initial=initial)
        self.about = about
        offer_choices(self, "stays", [(THIS, f"This one: {about.name} ({about.email})"), (OTHER, "The other one")])

    def clean_email(self) -> str:
        """Find the other account."""
        email: str = self.cleaned_data["email"]
        found = User.objects.of_address(email).first()
        if found is None or found == self.about:
            raise forms.ValidationError("Enter the address of another account. Nobody else has one with this address.")
        self.other = found
        return email

    @property
    def pair(self) -> tuple[User, User]:
        """Return whose account goes, and which one stays."""
        return (self.other, self.about) if self.cleaned_data["stays"] == THIS else (self.about, self.other)


def merge_page(model_admin: "admin.ModelAdmin[User]", request: HttpRequest, pk: int) -> HttpResponse:
    """Ask which accounts, say what would happen, and do it once that is confirmed."""
    about = get_object_or_404(model_admin.get_queryset(request), pk=pk)
    if not model_admin.has_change_permission(request, about):
        raise PermissionDenied
    form = MergeForm(
        request.POST if request.method == "POST" else None,
        about=about,
        initial={"email": request.GET.get("email", "")},
    )
    asks = Question(
        title=TITLE,
        button="Continue",
        says=[
            (
                "For the same person with two accounts, for example under an NHSmail and a trust's address. Make sure "
                "with them that both are theirs: it cannot be undone."
            ),
            "You see what moves, and what both have, before anything is done.",
        ],
        about=about,
    )
    if request.method != "POST" or not form.is_valid() or goes_back(request):
        return fill_in(request, model_admin, asks, form)
    leaving, staying = form.pair
    by = signed_in_person(request)
    try:
        if not is_confirmed(request):
            return ask(request, model_admin, _question(leaving, staying, foresee(leaving, staying, by=by), about), form)
        merge(leaving, staying, by=by, seen=request.POST.get(SEEN, ""))
    except HasChanged as changed:
        messages.warning(request, str(changed))
        answer = ask(request, model_admin, _question(leaving, staying, changed.plan, about), form)
        answer.status_code = NOT_DONE
        return answer
    except MergeRefused as refused:
        form.add_error(None, str(refused))
        return fill_in(request, model_admin, asks, form)
    messages.success(request, f"The two accounts of {staying.name} are one. Both addresses are written to.")
    return HttpResponseRedirect(reverse("admin:accounts_user_change", args=[staying.pk]))


def chosen_two(
    model_admin: "admin.ModelAdmin[User]", request: HttpRequest, chosen: Sequence[User]
) -> HttpResponse | None:
    """Lead to the page for two people who were ticked on the list; None, with what is wrong, if they are no two."""
    if len(chosen) != 2:
        messages.error(request, "Tick the two accounts of one person.")
        return None
    if not all(model_admin.has_change_permission(request, each) for each in chosen):
        messages.error(request, "One of them is a superuser's, or was put together with another account already.")
        return None
    first, second = chosen
    address = reverse("admin:accounts_user_merge", args=[first.pk], query={"email": second.email})
    return HttpResponseRedirect(address)


def _question(leaving: User, staying: User, plan: Plan, about: User) -> Question:
    clashes = sum(line.clashes for line in plan.lines)
    return Question(
        title=TITLE,
        button="Put them together",
        says=[
            f"The account of {staying.name} ({staying.email}) stays, with its name, its address and its sign-in.",
            (
                f"The account of {leaving.name} ({leaving.email}) is closed for ever and leads to it. Nobody signs in "
                "with that address any more; who is enrolled, nominated or invited by it is found under the other one."
            ),
            (
                f"Both have {count_of(clashes, 'thing')} in common or in each other's way: the first of the list. The "
                "better standing stays, and nobody is written to about the other."
                if clashes
                else "Nothing of the two is in each other's way."
            ),
            (
                "What they said of sessions moves, too, and letters that wait go to the address that stays. What they "
                "need (access, food) does not move: they say it again."
            ),
            "What they did stays in the trail under the account with which they did it.",
            "Both addresses get an email that says so, and how to object.",
        ],
        headings=HEADINGS,
        listed=[(line.what, line.about, line.becomes) for line in plan.lines[:MOST_LISTED]],
        more=len(plan.lines[MOST_LISTED:]),
        about=about,
        unseen=[(SEEN, plan.seen)],
    )
