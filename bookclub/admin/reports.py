"""Posts that were reported, and what a moderator makes of them: the only posts that admins ever see.

Nobody sees a report of their own post here, so that nobody learns who reported it. Whoever has reported a post sees it,
and leaves it to another moderator, where one is there (`bookclub.moderators`).
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NamedTuple

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from bookclub import moderating, moderators
from bookclub.models import Post, PostReport
from bookclub.refusals import BookClubRefused, TheirReport
from bookclub.thread_words import TEXT
from cohorts.admin.keeping import KeptAdmin, KeptFilter
from portal.access import person
from portal.accounts.models import User
from portal.nhsuk.dates import say_date, say_moment
from portal.nhsuk.fields import LongAnswer
from portal.questions import Question, ask, fill_in, is_confirmed

LONGEST_NOTE = 1_000
NOTHING = "—"
WHY_NOT = {
    "take_away": moderating.why_not_taken_away,
    "keep": moderating.why_not_kept,
    "put_back": moderating.why_not_put_back,
}
TITLES = {
    "take_away": "Take the post away",
    "keep": "Let it stay",
    "put_back": "Put the post back",
}
NOBODY_ELSE = "You reported this post yourself. Nobody else can decide about it, so you may; the trail says so."
ALL_REPORTED = (
    "You reported this post yourself, and so has everybody else who could decide about it. So any of you may."
)


class TakeAwayForm(forms.Form):
    """Asks what the author of a post is told."""

    reason = forms.ChoiceField(
        label="Why",
        choices=[("", "Choose a reason"), *Post.Reason.choices],
        error_messages={"required": "Choose a reason"},
    )
    note = LongAnswer(
        label="What you would like to say to its author",
        help_text="They read this beside the reason, on a page and not in the email. Say nothing of who reported it.",
        max_length=LONGEST_NOTE,
    )


class Part(NamedTuple):
    """Why somebody does not decide about a post that they have reported, or what is said of it if they do."""

    why_not: str = ""
    says: Sequence[str] = ()


def _part_in(report: PostReport, user: User) -> Part:
    deciders = moderators.of_post(report.post)
    if deciders.leaves_it(user.pk):
        return Part(why_not=TheirReport.message)
    if user.pk in deciders.reporters:
        return Part(says=[NOBODY_ELSE if deciders.is_the_only_one(user.pk) else ALL_REPORTED])
    return Part()


@admin.register(PostReport)
class PostReportAdmin(KeptAdmin[PostReport]):
    """What members and facilitators show to the moderators."""

    programme = "post__thread__cohort__programme"
    may_add = may_change = False
    fields = readonly_fields = (
        *("state", "deal_by", "cohort", "meeting", "reason", "what_they_say", "who_reported", "reported_on"),
        *("what_it_said", "what_it_says", "author", "written_on"),
    )
    list_display = ("reported_on", "reason", "cohort", "state", "deal_by")
    list_filter: ClassVar[Any] = ("state", ("post__thread__cohort", KeptFilter))
    ordering = ("-reported_at", "-id")
    sortable_by = ()

    def within(self, user: User, queryset: QuerySet[PostReport]) -> QuerySet[PostReport]:
        """Return reports in the programmes that somebody keeps, but of their own posts none."""
        return super().within(user, queryset).exclude(post__author=user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PostReport]:
        """Return reports with the post, its author and where it stands."""
        rows = super().get_queryset(request)
        return rows.select_related(
            "reported_by", "post__author", "post__thread__cohort", "post__thread__meeting__component"
        )

    @admin.display(description="cohort")
    def cohort(self, report: PostReport) -> str:
        """Return the cohort that talks there."""
        return report.post.thread.cohort.name

    @admin.display(description="meeting")
    def meeting(self, report: PostReport) -> str:
        """Return the meeting that they talk about."""
        meeting = report.post.thread.meeting
        return f"{meeting.component.title}, {say_date(meeting.starts_at, weekday=False)}"

    @admin.display(description="deal with it by")
    def deal_by(self, report: PostReport) -> str:
        """Say by when somebody decides, or that this day is over."""
        if report.state != PostReport.State.WAITS:
            return NOTHING
        is_over = report.due_on < timezone.localdate()
        return f"{say_date(report.due_on)}{': overdue' if is_over else ''}"

    @admin.display(description="reported")
    def reported_on(self, report: PostReport) -> str:
        """Say when it was reported."""
        return say_moment(report.reported_at)

    @admin.display(description="reported by")
    def who_reported(self, report: PostReport) -> str:
        """Return who reported it: for the moderators alone."""
        return f"{report.reported_by.name} (do not tell the author)"

    @admin.display(description="what they say of it")
    def what_they_say(self, report: PostReport) -> str:
        """Return what whoever reported it would like moderators to know."""
        return TEXT.opened(report.sealed) or NOTHING

    @admin.display(description="the post as it was reported")
    def what_it_said(self, report: PostReport) -> str:
        """Return what the post said when it was reported."""
        return TEXT.opened(report.sealed_post)

    @admin.display(description="the post now")
    def what_it_says(self, report: PostReport) -> str:
        """Return what the post says now, and whether anybody reads it."""
        post = report.post
        if post.is_taken_back:
            return "Taken back by its author."
        words = TEXT.opened(post.sealed)
        said = "The same." if words == TEXT.opened(report.sealed_post) else f"Edited since: {words}"
        return f"Taken away ({post.get_taken_away_for_display().lower()}). {said}" if post.is_taken_away else said

    @admin.display(description="author")
    def author(self, report: PostReport) -> str:
        """Return who wrote it."""
        return report.post.author.name

    @admin.display(description="written")
    def written_on(self, report: PostReport) -> str:
        """Say when it was written."""
        return say_moment(report.post.written_at)

    def pages(self) -> list[URLPattern]:
        """Add what a moderator can do with one."""
        return [
            path("<int:pk>/take_away/", self.take_away_page, name="bookclub_postreport_take_away"),
            path("<int:pk>/keep/", self.keep_page, name="bookclub_postreport_keep"),
            path("<int:pk>/put_back/", self.put_back_page, name="bookclub_postreport_put_back"),
        ]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Offer what can be done with it as it stands, and say where its reader has a part in it themselves."""
        report = context["original"]
        context["part"] = part = _part_in(report, person(request))
        context["deeds"] = [
            (reverse(f"admin:bookclub_postreport_{deed}", args=[report.pk]), title)
            for deed, title in TITLES.items()
            if not (part.why_not or WHY_NOT[deed](report))
        ]
        return super().render_change_form(request, context, *args, **kwargs)

    def take_away_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Keep a post from being read, once it is said what that does and what its author is told."""
        report = self._about(request, pk)
        part = _part_in(report, person(request))
        if part.why_not or moderating.why_not_taken_away(report):
            return self._ask(request, report, "take_away", [])
        form = TakeAwayForm(request.POST if request.method == "POST" else None, initial={"reason": report.reason})
        if form.is_valid():
            reason, note = Post.Reason(form.cleaned_data["reason"]), form.cleaned_data["note"]
            return self._do(
                request,
                report,
                lambda: moderating.take_away(report, reason, note, by=person(request)),
                "The post is taken away. Its author is told, and so is whoever reported it.",
            )
        says = [
            "Nobody reads it any more. In its place stands “Taken away by a moderator.” Replies to it stay.",
            "Its author is told by email that it was taken away, and reads why on a page. They still see their words.",
            "Whoever reported it is told that it was taken away. You can put it back at any time.",
            *part.says,
        ]
        question = Question(title=TITLES["take_away"], says=says, button=TITLES["take_away"], about=report)
        return fill_in(request, self, question, form)

    def keep_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let a post stay, once it is said what that does."""
        report = self._about(request, pk)
        if is_confirmed(request):
            return self._do(
                request, report, lambda: moderating.keep(report, by=person(request)), "It is dealt with, and stays."
            )
        says = [
            "Nothing changes in the thread, and its author is told nothing.",
            "Whoever reported it is told that you have read it, and that it stands there.",
        ]
        if report.post.is_taken_back:
            says = ["Its author has taken it back. Whoever reported it is told so, and that you have read it."]
        return self._ask(request, report, "keep", says)

    def put_back_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let a post be read again, once it is said what that does."""
        report = self._about(request, pk)
        if is_confirmed(request):
            return self._do(
                request,
                report,
                lambda: moderating.put_back(report, by=person(request)),
                "The post stands in the thread again. Its author is told, and so is whoever reported it.",
            )
        says = ["Everybody in the thread reads it again.", "Its author is told, and so is whoever reported it."]
        return self._ask(request, report, "put_back", says)

    def _about(self, request: HttpRequest, pk: int) -> PostReport:
        return get_object_or_404(self.get_queryset(request), pk=pk)

    def _ask(self, request: HttpRequest, report: PostReport, deed: str, says: list[str]) -> HttpResponse:
        """Say what would be done, with the button; or why it cannot be, without."""
        part = _part_in(report, person(request))
        why_not = part.why_not or WHY_NOT[deed](report)
        if why_not:
            return ask(request, self, Question(title=TITLES[deed], says=[why_not], about=report))
        says = [*says, *part.says]
        return ask(request, self, Question(title=TITLES[deed], button=TITLES[deed], says=says, about=report))

    def _do(self, request: HttpRequest, report: PostReport, do: Callable[[], None], done: str) -> HttpResponse:
        try:
            do()
        except BookClubRefused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, done)
        return HttpResponseRedirect(reverse("admin:bookclub_postreport_change", args=[report.pk]))
