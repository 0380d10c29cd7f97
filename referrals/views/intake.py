"""The referral form: what it is, one question a page, check, and the receipt. Nobody is signed in here."""

from collections.abc import Iterator
from functools import wraps
from typing import Any, Protocol

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from portal.access import View, access, anyone
from portal.accounts import typed
from portal.nhsuk.fieldsets import revealed_by_choices
from referrals import drafts, intake, pace
from referrals.drafts import Draft
from referrals.forms import intake as forms
from referrals.keyring import takes_referrals
from referrals.models import Offer
from referrals.vault import Unsigned
from referrals.views.doorstep import GONE, INVALID, ask_to_wait, open_to_all

# Where somebody goes who has to leave a page at once: a page that anybody might read.
ELSEWHERE = "https://www.nhs.uk/"

FORMS: tuple[type[forms.Question], ...] = (
    forms.OfferForm,
    forms.WhoForm,
    forms.ConsentGivenForm,
    forms.NameForm,
    forms.ContactForm,
    forms.LanguageForm,
    forms.StoryForm,
    forms.WishesForm,
    forms.LeadFirstForm,
)
BY_KEY = {form.key: form for form in FORMS}


def offers() -> list[Offer]:
    """Return what is offered by the providers who take referrals now."""
    found = list(Offer.objects.filter(active=True).select_related("provider", "commissioner"))
    providers = {offer.provider_id: offer.provider for offer in found}
    taking = {pk for pk, provider in providers.items() if takes_referrals(provider)}
    return [offer for offer in found if offer.provider_id in taking]


class DraftView(Protocol):
    """A page that somebody sees who has begun to answer, and not sent it yet."""

    def __call__(self, request: HttpRequest, draft: Draft, *args: Any, **kwargs: Any) -> HttpResponse: ...


def answering(view: DraftView) -> View:
    """Open a page to whoever has begun the form in this browser; what has expired, or was sent, is said."""

    @open_to_all
    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        draft = drafts.of(request)
        if draft is None:
            return expired(request)
        return redirect("referral_sent") if draft.receipt else view(request, draft, *args, **kwargs)

    return opened


@open_to_all
def start(request: HttpRequest) -> HttpResponse:
    """Say what this is, who will know and how quickly; begin the form."""
    found, draft = offers(), drafts.of(request)
    if request.method != "POST" or not found:
        providers = list({offer.provider_id: offer.provider for offer in found}.values())
        begun = draft is not None and bool(draft.answers)
        return render(request, "referrals/start.html", {"is_open": bool(found), "providers": providers, "begun": begun})
    response = redirect("referral_question", forms.OfferForm.key)
    drafts.begin(response)
    return response


@answering
def question(request: HttpRequest, draft: Draft, key: str) -> HttpResponse:
    """Ask one question, and lead to the next."""
    form = _question(key, draft, request.POST if request.method == "POST" else None)
    if form.is_valid():
        if form.cleaned_data.get("offer") == forms.NONE_FITS:
            return redirect("referral_none_fits")
        if key == forms.WhoForm.key and draft.answers.get(key, form.cleaned_data) != form.cleaned_data:
            # They were somebody else's. Sent as this person's, the provider would ring the wrong one.
            for asked_anew in (forms.NameForm.key, forms.ContactForm.key):
                draft.answers.pop(asked_anew, None)
        draft.answers[key] = form.cleaned_data
        draft.save()
        return _next(draft)
    context = {"form": form, "heading": form.heading, "back": _before(draft, key)}
    return render(request, "referrals/question.html", context, status=INVALID if form.is_bound else None)


@answering
def check(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Show every answer, and send them."""
    if _first_unanswered(draft):
        return _next(draft)
    if request.method != "POST":
        return _show_answers(request, draft)
    if pace.goes_too_fast(pace.by_address(request), pace.SUBMITTING):
        return _show_answers(request, draft, wait=True)
    if draft.begin_sending():
        try:
            draft.receipt = _submit(draft)
        except Unsigned:
            return _show_answers(request, draft, closed=True)
        finally:
            if draft.receipt is None:
                draft.stop_sending()
        draft.answers = {}
        draft.save()
    return redirect("referral_sent")


@require_safe
@cache_control(private=True, no_store=True)
@access(anyone)
def sent(request: HttpRequest) -> HttpResponse:
    """Show the receipt, in the browser that sent the referral and for half an hour."""
    draft = drafts.of(request)
    if draft is None:
        return expired(request)
    if draft.receipt is None and not draft.is_being_sent():
        return redirect("referral_check")
    consent_address = request.build_absolute_uri(reverse("referral_consent"))
    context = {"receipt": draft.receipt, "consent_address": consent_address}
    return render(request, "referrals/sent.html", context)


@require_safe
@cache_control(private=True, no_store=True)
@access(anyone)
def leave(request: HttpRequest) -> HttpResponse:
    """Forget what was typed, and lead to a page that anybody might read."""
    response = redirect(ELSEWHERE)
    drafts.forget(request, response)
    return response


@require_safe
@cache_control(private=True, no_store=True)
@access(anyone)
def none_fits(request: HttpRequest) -> HttpResponse:
    """Say where else to turn."""
    return render(request, "referrals/none_fits.html")


@require_safe
@cache_control(private=True, no_store=True)
@access(anyone)
def time_out_note(request: HttpRequest) -> HttpResponse:
    """Show a note to print, for asking for time out of duties. It names no reason."""
    return render(request, "referrals/time_out_note.html")


def expired(request: HttpRequest) -> HttpResponse:
    """Say that the answers are no longer there, and give back what was sent just now."""
    return render(request, "referrals/expired.html", {"typed": typed.just_typed(request)}, status=GONE)


def _question(key: str, draft: Draft, data: QueryDict | None = None) -> forms.Question:
    """Return a question with what was answered to it, or with what was sent now. Raises Http404 for what is none."""
    if key not in BY_KEY:
        raise Http404
    options: Any = {"offers": offers()} if key == forms.OfferForm.key else {}
    form = BY_KEY[key](data, initial=draft.answers.get(key), **options)
    if _is_for_another(draft):
        form.speak_of_another()
    return form


def _asked(draft: Draft) -> Iterator[str]:
    """Yield the questions that this person is asked, in order."""
    for form in FORMS:
        if form is not forms.ConsentGivenForm or _is_for_another(draft):
            yield form.key


def _is_for_another(draft: Draft) -> bool:
    said: bool = draft.answers.get(forms.WhoForm.key, {}).get("who") == forms.SOMEBODY_ELSE
    return said


def _first_unanswered(draft: Draft) -> str | None:
    return next((key for key in _asked(draft) if key not in draft.answers), None)


def _next(draft: Draft) -> HttpResponse:
    key = _first_unanswered(draft)
    return redirect("referral_question", key) if key else redirect("referral_check")


def _before(draft: Draft, key: str) -> str | None:
    """Return the question before this one, if there is one."""
    asked = list(_asked(draft))
    return asked[asked.index(key) - 1] if key in asked[1:] else None


def _show_answers(request: HttpRequest, draft: Draft, *, wait: bool = False, closed: bool = False) -> HttpResponse:
    rows = []
    for key in _asked(draft):
        form = _question(key, draft)
        revealed = revealed_by_choices(form)
        answers = [(bound.label, _in_words(form, bound.name), bound.name) for bound in form.visible_fields()]
        # What belongs to a choice that was not made was not asked.
        rows += [(label, said, key) for label, said, name in answers if said or name not in revealed]
    lead_first = draft.answers[forms.LeadFirstForm.key]["lead_first"] == "yes"
    context = {"rows": rows, "wait": wait, "closed": closed, "seconds": pace.WAIT, "lead_first": lead_first}
    response = render(request, "referrals/check.html", context)
    return ask_to_wait(response) if wait else response


def _in_words(form: forms.Question, name: str) -> str:
    """Return an answer as the page said it."""
    value, choices = form.initial.get(name), dict(getattr(form.fields[name], "choices", ()))
    if isinstance(value, bool):
        return "Yes" if value else "No"
    chosen = value if isinstance(value, list) else [value]
    return ", ".join(str(choices.get(part, part)) for part in chosen if part)


def _submit(draft: Draft) -> intake.Receipt:
    """Send the answers. Raises Unsigned when the offer is no longer taken, or nobody could read them."""
    answers = draft.answers
    chosen = str(answers[forms.OfferForm.key]["offer"])
    offer = next((offer for offer in offers() if str(offer.pk) == chosen), None)
    if offer is None:
        raise Unsigned
    contact = {
        **answers[forms.NameForm.key],
        **answers[forms.ContactForm.key],
        **answers[forms.LanguageForm.key],
    }
    return intake.submit(
        offer,
        contact=contact,
        story={**answers[forms.StoryForm.key], **answers[forms.WishesForm.key]},
        lead_first=answers[forms.LeadFirstForm.key]["lead_first"] == "yes",
        submitter=answers.get(forms.ConsentGivenForm.key) if forms.ConsentGivenForm.key in _asked(draft) else None,
    )
