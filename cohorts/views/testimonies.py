"""Testimonies: an author's own pages, from the first words to taking them back, and what the public reads."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from cohorts import evaluating, rules, testifying, testimonies
from cohorts.models import Programme, Testimony
from cohorts.testifying import OfferedAlready, TestimonyChanged, TestimonyRefused
from cohorts.testimony_forms import AgreementForm, BylineForm, TestimonyForm, workplace_in
from portal.access import access, anyone, existing, person, signed_in

REFUSED, INVALID = 409, 422
LOOK_AGAIN = "What would be shown has changed since you looked. Read it again, and say whether you agree."
OFF_THE_PAGE = "Changed. It is on no page until the programme team publishes it again."
State, ShownAs = Testimony.State, Testimony.ShownAs


@require_safe
@cache_control(private=True, no_store=True)
@access(anyone)
def published(request: HttpRequest, slug: str) -> HttpResponse:
    """Show all that people say of a programme, page by page."""
    programme = existing(Programme.objects.published().only("name", "slug").filter(slug=slug).first())
    before = request.GET.get("before", "")
    context = {
        "programme": programme,
        "quotes": testimonies.page(programme.pk, before=before),
        "is_first": not before,
    }
    return render(request, "cohorts/testimonies.html", context)


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def mine(request: HttpRequest) -> HttpResponse:
    """Show somebody's own testimonies, and about which programmes they can offer one."""
    user = person(request)
    own = testimonies.own(user)
    taken = [each.programme_id for each in own if each.state != State.TAKEN_BACK]
    context = {
        "testimonies": own,
        "programmes": rules.programmes_to_testify_about(user).exclude(pk__in=taken).only("name", "slug"),
    }
    return render(request, "cohorts/my_testimonies.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def write(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for the words and how they may be shown, show both as they would be read, and offer them once agreed to.

    Nothing is kept before that. An answer to lift arrives by its words, in the body: no address, and so no log, says
    which answer it was.
    """
    user = person(request)
    programme = existing(rules.programmes_to_testify_about(user).filter(slug=slug).first())
    if request.method != "POST":
        if earlier := Testimony.objects.live().filter(author=user, programme=programme).first():
            return redirect("testimony", earlier.pk)
        return _ask_for_words(request, TestimonyForm(person=user, programme=programme))
    step = request.POST.get("_step", "")
    if step == "lift":
        form = TestimonyForm(person=user, programme=programme, initial={"text": request.POST.get("text", "")})
        return _ask_for_words(request, form, is_lifted=True)
    form = TestimonyForm(request.POST, person=user, programme=programme)
    if not form.is_valid() or step == "back":
        return _ask_for_words(request, form)
    agreement = AgreementForm(request.POST if step == "offer" else None, to=form.byline)
    if step == "offer" and agreement.is_valid() and not agreement.is_of_old:
        return _offer(request, form)
    return _ask_to_agree(request, form, agreement)


def _offer(request: HttpRequest, form: TestimonyForm) -> HttpResponse:
    given = form.cleaned_data
    try:
        offered = testifying.offer(
            form.person,
            form.programme,
            given["text"],
            component=given["component"],
            shown_as=given["shown_as"],
            byline=form.byline,
        )
    except OfferedAlready as refused:
        context = {**_context(refused.testimony), "refused": refused, "written": [given["text"]]}
        return render(request, "cohorts/testimony.html", context, status=REFUSED)
    messages.success(request, "Thank you. The programme team reads it, and writes to you with what becomes of it.")
    return redirect("testimony", offered.pk)


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def testimony(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an author how their testimony stands, and what they can do."""
    return render(request, "cohorts/testimony.html", _context(_own(request, pk)))


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask how a testimony may be shown instead, show it so, and change it once that is agreed to."""
    own = _own(request, pk)
    if own.state == State.TAKEN_BACK:
        return redirect("testimony", pk)
    sent = request.method == "POST"
    form = BylineForm(
        request.POST if sent else None,
        person=person(request),
        programme=own.programme,
        initial={"shown_as": own.shown_as, "workplace": workplace_in(own.byline)},
    )
    step = request.POST.get("_step", "")
    if not sent or not form.is_valid() or step == "back":
        status = INVALID if form.errors else None
        return render(request, "cohorts/testimony_change.html", {"testimony": own, "form": form}, status=status)
    agreement = AgreementForm(request.POST if step == "offer" else None, to=form.byline)
    if step != "offer" or agreement.is_of_old or not agreement.is_valid():
        return _ask_to_agree(request, form, agreement, testimony=own)
    try:
        changed = testifying.show_as(own, form.cleaned_data["shown_as"], form.byline)
    except TestimonyRefused as refused:
        return _refuse(request, pk, refused)
    is_off = own.state == State.PUBLISHED != changed.state
    messages.success(request, OFF_THE_PAGE if is_off else "Changed, as you agreed.")
    return redirect("testimony", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an author the shorter form that an editor asks about, and take their yes or no."""
    own = _own(request, pk)
    if own.state != State.ASKED:
        return _refuse(request, pk, TestimonyChanged()) if request.method == "POST" else redirect("testimony", pk)
    step = request.POST.get("_step", "")
    to = f"{own.shorter} {own.byline}"
    agreement = AgreementForm(request.POST if step == "agree" else None, to=to)
    try:
        if step == "keep":
            testifying.keep_own_words(own)
            messages.success(request, "Your own words stand as you wrote them. The programme team decides about those.")
            return redirect("testimony", pk)
        if step == "agree" and not agreement.is_of_old and agreement.is_valid():
            testifying.agree(own, own.shorter)
            messages.success(request, "Thank you. The programme team can publish it in this form now.")
            return redirect("testimony", pk)
    except TestimonyRefused as refused:
        return _refuse(request, pk, refused)
    is_of_old = agreement.is_of_old
    context = {
        "testimony": own,
        "shorter": {"words": own.shorter, "byline": own.byline, "about": own.about},
        "form": AgreementForm(to=to) if is_of_old else agreement,
        "refused": LOOK_AGAIN if is_of_old else None,
    }
    return render(request, "cohorts/testimony_answer.html", context, status=_status(agreement))


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether an author is sure, and take their testimony off every page."""
    own = _own(request, pk)
    if request.method != "POST":
        if own.state == State.TAKEN_BACK:
            return redirect("testimony", pk)
        return render(request, "cohorts/testimony_take_back.html", {"testimony": own})
    try:
        testifying.take_back(own)
    except TestimonyRefused as refused:
        return _refuse(request, pk, refused)
    messages.success(request, "Your testimony is taken back, and its words are deleted.")
    return redirect("testimony", pk)


def _own(request: HttpRequest, pk: int) -> Testimony:
    """Return the person's own testimony. Raises Http404."""
    return existing(rules.own_testimony(person(request), pk))


def _context(own: Testimony) -> dict[str, Any]:
    return {"testimony": own, "is_public": own.state == State.PUBLISHED and own.programme.published}


def _refuse(request: HttpRequest, pk: int, refused: TestimonyRefused) -> HttpResponse:
    """Say what was not done, and how the testimony stands now."""
    context = {**_context(_own(request, pk)), "refused": refused}
    return render(request, "cohorts/testimony.html", context, status=REFUSED)


def _ask_for_words(request: HttpRequest, form: TestimonyForm, *, is_lifted: bool = False) -> HttpResponse:
    """Show the page on which a testimony is written, with what its author wrote in evaluations, to lift."""
    context = {
        "programme": form.programme,
        "form": form,
        "answers": [] if form.is_bound or is_lifted else evaluating.own_answers(form.person, form.programme),
        "is_lifted": is_lifted,
    }
    return render(request, "cohorts/testimony_write.html", context, status=INVALID if form.errors else None)


def _ask_to_agree(
    request: HttpRequest, form: BylineForm, agreement: AgreementForm, *, testimony: Testimony | None = None
) -> HttpResponse:
    """Show words and byline exactly as they would be read, with what their author should know, and ask them to agree.

    `testimony` is the one whose byline is changed; none, where it is offered by this.
    """
    given = form.cleaned_data
    text, component = (testimony.words, testimony.component) if testimony else (given["text"], given["component"])
    context = {
        "programme": form.programme,
        "testimony": testimony,
        "given": form,
        "form": AgreementForm(to=form.byline) if agreement.is_of_old else agreement,
        "quote": {"words": text, "byline": form.byline, "about": component},
        "refused": LOOK_AGAIN if agreement.is_of_old else None,
        "are_few": given["shown_as"] == ShownAs.BY_ROLE and testimonies.are_few(form.person, form.programme, component),
        "repeats": testimonies.repeats(text, evaluating.own_answers(form.person, form.programme)),
    }
    return render(request, "cohorts/testimony_check.html", context, status=_status(agreement))


def _status(agreement: AgreementForm) -> int | None:
    """Return with which status a page answers that asks again."""
    if agreement.is_of_old:
        return REFUSED
    return INVALID if agreement.errors else None
