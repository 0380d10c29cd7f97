"""Who reaches which address: the one written table that `tests/test_access.py` holds the portal to.

Each line names an address, the audience that reaches it, and what everybody else meets: a page that says it is not
theirs (403), or the answer that an address with nothing behind it gets (404), so that nobody learns what exists.
Whoever is not signed in is led to sign in.
"""

from dataclasses import dataclass

MEMBER = frozenset({"member"})
CHAMPION = frozenset({"champion"})
MEMBERS = MEMBER | CHAMPION
HERE = frozenset({"facilitator of the session"})
FACILITATORS = HERE | {"facilitator of another session"}
ALL_KEEPERS = frozenset({"admin of all programmes", "superuser"})
KEEPERS = ALL_KEEPERS | {"programme admin"}
ADMINS = KEEPERS | {"admin of another programme"}
LEADS = frozenset({"organisation lead"})
COACH = frozenset({"coach"})
SUPERUSER = frozenset({"superuser"})
TRIAGE_LEAD = frozenset({"triage lead"})
TEAM = TRIAGE_LEAD | {"triager"}
TRIAGE_LEADS = TRIAGE_LEAD | {"triage lead elsewhere"}
TRIAGERS = TEAM | TRIAGE_LEADS
SIGNED_IN = (
    MEMBER
    | FACILITATORS
    | ADMINS
    | TRIAGERS
    | CHAMPION
    | {
        "member of another cohort",
        "member who withdrew",
        "organisation lead",
        "board sponsor",
        "champion of another cohort",
        "coach",
    }
)
EVERYBODY = SIGNED_IN | {"anonymous"}
READERS = MEMBERS | KEEPERS | HERE
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Line:
    """One address. `args` names its values, which test_access.py makes; `others` is what the rest get.

    `elsewhere` are those who hold the right role for something else: for them there is nothing here (404).
    A route without a name says in `at` where one such address is; a `closed` one names no rule, and is denied to all.
    What is `read_only` refuses a POST to those who may read it; to `readers`, of the audience, it does so anywhere.
    """

    audience: frozenset[str]
    args: tuple[str, ...] = ()
    others: int | str = 403
    elsewhere: frozenset[str] = frozenset()
    query: str = ""
    at: str = ""
    closed: bool = False
    read_only: bool = False
    readers: frozenset[str] = frozenset()


def of_model(
    label: str,
    *pages: str,
    add: bool = True,
    change: bool = True,
    delete: bool = False,
    scoped: bool = False,
    ruled: bool = True,
    admins: frozenset[str] = ADMINS,
    readers: frozenset[str] = NOBODY,
) -> dict[str, Line]:
    """Return the lines of a model's admin pages; `pages` are those on one of its rows beside Django's own.

    The rows of a `scoped` model are there for those who keep its programme; others are for `admins`, and
    to look at for `readers`. What is in use is not deleted, and here everything is; where anything can be, `delete`,
    an admin of elsewhere is told that there is no such row.
    """
    rows = KEEPERS if scoped else admins
    elsewhere = admins - rows
    app, _, model = label.rpartition("_")
    old = f"/admin/{app}/{model}/"
    return {
        f"admin:{label}_changelist": Line(admins | readers),
        f"admin:{label}_add": Line(admins if add else NOBODY),
        f"admin:{label}_change": Line(
            rows | readers, (label,), elsewhere=elsewhere, read_only=not change, readers=readers
        ),
        **{
            f"admin:{label}_{page}": Line(rows | readers, (label,), elsewhere=elsewhere) for page in ("history", *pages)
        },
        f"admin:{label}_delete": Line(NOBODY, (label,), elsewhere=elsewhere if delete else NOBODY),
        # Where Django's rows once were: a redirect to the row's page.
        f"{old}<path:object_id>/": Line(ADMINS, at=f"{old}1/") if ruled else Line(NOBODY, at=f"{old}1/", closed=True),
    }


TABLE: dict[str, Line] = {
    # Public pages.
    "home": Line(EVERYBODY),
    "programmes": Line(EVERYBODY),
    "programme": Line(EVERYBODY, ("programme_slug",)),
    "testimonies": Line(EVERYBODY, ("programme_slug",)),
    "series": Line(EVERYBODY, ("series_slug", "series_component_slug")),
    "gallery": Line(EVERYBODY),
    "gallery_publication": Line(EVERYBODY, ("publication",)),
    **{f"gallery_{paper}": Line(EVERYBODY, ("publication",)) for paper in ("poster", "report")},
    "gallery_data": Line(EVERYBODY, ("publication", "publication_chart")),
    "health_live": Line(EVERYBODY),
    "health_ready": Line(EVERYBODY),
    "contact": Line(EVERYBODY),
    "privacy": Line(EVERYBODY),
    "accessibility": Line(EVERYBODY),
    "sign_up_closed": Line(EVERYBODY),
    "address_not_vouched_for": Line(EVERYBODY),
    # allauth's pages of a code: whoever waits for none is led to sign-in, or is signed in already.
    "account_confirm_login_code": Line(SIGNED_IN),
    "account_email_verification_sent": Line(SIGNED_IN),
    "account_confirm_password_reset_code": Line(NOBODY, others="sign in"),
    # A file among the materials of that session: for whoever booked it, leads it, or keeps its programme.
    "material_file": Line(MEMBER | HERE | KEEPERS, ("material_file",), others=404),
    "material_picture": Line(MEMBER | HERE | KEEPERS, ("material_file",), others=404),
    # A session of a cohort, which for anybody else does not exist.
    "session": Line(MEMBERS | HERE | KEEPERS, ("session",), others=404),
    "evaluate": Line(MEMBER, ("session",), others=404),
    "book": Line(MEMBERS | HERE, ("session",), others=404),
    "wait": Line(MEMBERS | HERE, ("session",), others=404),
    # One's own.
    "me": Line(SIGNED_IN),
    "bookings": Line(SIGNED_IN),
    "calendar": Line(SIGNED_IN),
    "second_factor": Line(SIGNED_IN),
    "typed": Line(SIGNED_IN),
    "details": Line(SIGNED_IN),
    "needs": Line(SIGNED_IN),
    "letters": Line(SIGNED_IN),
    # Whoever has somebody's letter stops letters of its kind.
    "stop_letters": Line(EVERYBODY, ("stop_token",)),
    "own_data": Line(SIGNED_IN),
    "own_data_file": Line(SIGNED_IN),
    "apply": Line(MEMBERS | {"member who withdrew"}, ("cohorts_cohort",), others=404),
    "ask_to_be_erased": Line(SIGNED_IN),
    "take_back_erasure": Line(SIGNED_IN),
    "apply_check": Line(NOBODY, ("cohorts_cohort",), others=404),
    "apply_question": Line(NOBODY, ("cohorts_cohort", "question"), others=404),
    "place": Line(MEMBER, ("membership",), others=404),
    "place_act": Line(MEMBER, ("membership", "place_act"), others=404),
    "my_organisation": Line(LEADS),
    "nominations": Line(LEADS),
    "nominate": Line(LEADS, ("open_cohort",)),
    "nomination_take_back": Line(NOBODY, ("membership",), elsewhere=LEADS),
    # A champion of the member's cohort, to whom the member has written. Whoever is no champion finds an empty desk.
    "champion_desk": Line(SIGNED_IN),
    "champion_guidance": Line(SIGNED_IN),
    "conversations": Line(SIGNED_IN),
    "champion_nominate": Line(MEMBER, ("membership",), others=404),
    "champion_answer": Line(CHAMPION, ("champion",), others=404),
    "champion_stand_down": Line(CHAMPION, ("champion",), others=404),
    "champion_in_touch": Line(MEMBER, ("champion",), others=404),
    "conversation": Line(MEMBERS, ("champion", "membership"), others=404),
    "conversation_end": Line(MEMBERS, ("champion", "membership"), others=404),
    "message_report": Line(CHAMPION, ("champion", "membership", "message"), others=404),
    "component": Line(MEMBER, ("membership", "component_slug"), others=404),
    "study": Line(MEMBER, ("membership", "studied_slug"), others=404),
    "study_page": Line(MEMBER, ("membership", "studied_slug", "cohorts_coursepage"), others=404),
    "study_finished": Line(MEMBER, ("membership", "studied_slug"), others=404),
    "course_preview": Line(KEEPERS, ("cohorts_course",), elsewhere=ADMINS - KEEPERS),
    "course_page_preview": Line(KEEPERS, ("cohorts_course", "cohorts_coursepage"), elsewhere=ADMINS - KEEPERS),
    "my_testimonies": Line(SIGNED_IN),
    "testimony_write": Line(MEMBER, ("programme_slug",), others=404),
    **{
        f"testimony{page}": Line(MEMBER, ("cohorts_testimony",), others=404)
        for page in ("", "_change", "_answer", "_take_back")
    },
    "graduation": Line(MEMBER, ("cohorts_graduation",), others=404),
    "certificates": Line(SIGNED_IN),
    "cpd_pdf": Line(SIGNED_IN),
    "cpd_csv": Line(SIGNED_IN),
    **{f"certificate{page}": Line(MEMBER, ("certificate",), others=404) for page in ("", "_pdf", "_reissue")},
    "attendance_certificate": Line(MEMBER, ("booking",), others=404),
    "booking": Line(MEMBER, ("booking",), others=404),
    "swap": Line(MEMBER, ("booking",), others=404),
    "swap_to": Line(MEMBER, ("booking", "other_date"), others=404),
    "cancel": Line(MEMBER, ("booking",), others=404),
    "accept": Line(MEMBER, ("booking",), others=404),
    "booking_calendar": Line(MEMBER, ("booking",), others=404),
    "verify": Line(EVERYBODY),
    "verified": Line(EVERYBODY, ("certificate", "certificate_code")),
    # Projects. Anybody who is signed in may begin one; this one is the member's own, active, and counts for a cohort of
    # the programme. Who keeps that reads it, and is told that the rest is for the team.
    "projects": Line(SIGNED_IN),
    "project_new": Line(SIGNED_IN),
    "project_new_with_title": Line(SIGNED_IN),
    "project": Line(MEMBER | KEEPERS, ("project",), others=404),
    "project_history": Line(MEMBER | KEEPERS, ("project",), others=404),
    **{f"project_{paper}": Line(MEMBER | KEEPERS, ("project",), others=404) for paper in ("print", "poster", "report")},
    "project_team": Line(MEMBER | KEEPERS, ("project",), others=404),
    "project_files": Line(MEMBER | KEEPERS, ("project",), others=404),
    "project_file": Line(MEMBER | KEEPERS, ("project", "project_file"), others=404),
    **{
        f"project_file_{deed}": Line(MEMBER, ("project", *args), elsewhere=SIGNED_IN - MEMBER - KEEPERS)
        for deed, args in (
            ("new", ()),
            *((deed, ("project_file",)) for deed in ("change", "replace", "remove")),
        )
    },
    **{
        f"project_{page}": Line(MEMBER | KEEPERS, ("project",), others=404, readers=KEEPERS)
        for page in ("approval", "statement")
    },
    **{
        f"project_{page}": Line(MEMBER, ("project", *args), elsewhere=SIGNED_IN - MEMBER - KEEPERS)
        for page, args in (
            *(("check", ()), ("question", ("project_question",)), ("edit", ("project_part",))),
            *(("act", ("project_act",)), ("invite", ()), ("place", ("project_place",))),
        )
    },
    "project_diagram": Line(MEMBER | KEEPERS, ("project",), others=404, readers=KEEPERS),
    **{
        page: Line(MEMBER | KEEPERS, ("project", *args), others=404)
        for page, args in (("cycles", ()), ("cycle", ("cycle",)))
    },
    **{
        page: Line(MEMBER, ("project", *args), elsewhere=SIGNED_IN - MEMBER - KEEPERS)
        for page, args in (
            ("diagram_add", ("diagram_level",)),
            *((f"diagram_{act}", ("diagram_driver",)) for act in ("add_under", "rename", "link", "measures", "delete")),
            *(("ramp_new", ()), ("ramp_rename", ("ramp",))),
            *(("cycle_edit", ("cycle", "cycle_part")), ("cycle_step", ("cycle", "cycle_step"))),
            *(("cycle_question_new", ("cycle",)), ("cycle_measures", ("cycle",))),
            ("cycle_question", ("cycle", "cycle_question")),
            ("cycle_question_remove", ("cycle", "cycle_question")),
        )
    },
    "project_my_part": Line(MEMBER, ("project",), others=404),
    "team_invitation_take_back": Line(MEMBER, ("project", "team_invitation"), elsewhere=SIGNED_IN - MEMBER - KEEPERS),
    "team_invitation": Line(LEADS, ("team_invitation",), others=404),
    # Coaching and review of it; and of another project of theirs that was sent for review, which QI coaches read then.
    "projects_to_coach": Line(COACH),
    "coach_away": Line(COACH),
    "coach_absence": Line(COACH, ("coach_absence",)),
    "project_coaching": Line(MEMBER | KEEPERS, ("project",), others=404),
    "project_thread": Line(MEMBER | KEEPERS, ("project", "project_thread"), others=404, readers=KEEPERS),
    "project_score": Line(MEMBER | KEEPERS, ("project",), others=404, readers=KEEPERS),
    "project_ask": Line(MEMBER, ("project",), elsewhere=SIGNED_IN - MEMBER - KEEPERS),
    "project_comment": Line(NOBODY, ("project",), elsewhere=SIGNED_IN - MEMBER - KEEPERS),
    "project_submit": Line(MEMBER, ("project",), elsewhere=SIGNED_IN - MEMBER - KEEPERS),
    "project_review": Line(MEMBER | KEEPERS | COACH, ("sent_project",), others=404),
    "project_decide": Line(
        KEEPERS | COACH, ("sent_project", "project_decision"), elsewhere=SIGNED_IN - MEMBER - KEEPERS - COACH
    ),
    # Publishing it: who keeps the programme reads how that stands. Whether to be named is each own say.
    "gallery_start": Line(SIGNED_IN, ("publication",)),
    "project_publication": Line(MEMBER | KEEPERS, ("published_project",), others=404, readers=KEEPERS),
    "publication_preview": Line(MEMBER | KEEPERS, ("published_project",), others=404),
    "publication_naming": Line(MEMBER, ("published_project",), others=404),
    **{
        f"publication_{page}": Line(MEMBER, ("published_project", *args), elsewhere=SIGNED_IN - MEMBER - KEEPERS)
        for page, args in (("edit", ("publication_part",)), ("charts", ()), ("act", ("publication_act",)))
    },
    # What a project of the member's measures, which counts for a cohort of the programme. Who keeps that reads it.
    **{
        name: Line(MEMBER | KEEPERS, ("project", *args), others=404)
        for name, args in (
            *(("project_measures", ()), ("measure", ("measure",)), ("measure_earlier", ("measure",))),
            ("measure_file", ("measure", "measure_file")),
        )
    },
    **{
        name: Line(MEMBER | KEEPERS, ("project", "measure"), others=404, readers=KEEPERS)
        for name in ("measure_rebase", "measure_annotate")
    },
    **{
        name: Line(MEMBER, ("project", *args), elsewhere=SIGNED_IN - MEMBER - KEEPERS)
        for name, args in (
            *(("measure_new", ()), ("measure_edit", ("measure", "measure_part")), ("measure_keep", ("measure",))),
            *(("measure_point_new", ("measure",)), ("measure_paste", ("measure",))),
            *(("measure_point", ("measure", "point")), ("measure_take_out", ("measure", "point"))),
            ("measure_rebase_end", ("measure", "rebase")),
        )
    },
    # What the cohort reads; the facilitator leads its meeting.
    # The member has gone through the programme: alumni see every cohort's list.
    "book_clubs": Line(SIGNED_IN),
    "books_read": Line(EVERYBODY),
    "reading_lists": Line(MEMBER, others=404),
    "book_club": Line(READERS, ("cohorts_cohort",), others=404),
    "book_club_book": Line(READERS, ("cohorts_cohort", "bookclub_listedbook"), others=404),
    "book_where": Line(MEMBERS, ("cohorts_cohort", "bookclub_listedbook"), elsewhere=SIGNED_IN - READERS),
    "book_club_meeting": Line(READERS, ("cohorts_cohort", "book_meeting"), others=404),
    # Members read what is set for a meeting on its page, and never the guide.
    **{
        name: Line(HERE | KEEPERS, ("cohorts_cohort", "book_meeting", *args), elsewhere=SIGNED_IN - READERS)
        for name, args in (
            *(("book_club_plan", ()), ("book_club_prompt_new", ()), ("book_club_prompt", ("prompt",))),
            ("book_club_prompts", ()),
            *(("book_club_prompt_earlier", ("prompt",)), ("book_club_prompt_take_off", ("prompt",))),
        )
    },
    "book_suggestions": Line(READERS, ("cohorts_cohort",), others=404),
    "book_suggest": Line(MEMBERS, ("cohorts_cohort",), elsewhere=SIGNED_IN - READERS),
    "book_suggestion_act": Line(
        MEMBERS, ("cohorts_cohort", "bookclub_suggestion", "book_act"), elsewhere=SIGNED_IN - READERS
    ),
    "book_suggestion_take_back": Line(MEMBER, ("cohorts_cohort", "bookclub_suggestion"), others=404),
    # Copies that the programme lends: a member asks, and sees what they asked and have themselves.
    "book_copy_ask": Line(MEMBERS, ("cohorts_cohort", "bookclub_listedbook"), elsewhere=SIGNED_IN - READERS),
    "book_copy_take_back": Line(MEMBER, ("cohorts_cohort", "bookclub_copyrequest"), others=404),
    # What a member writes: theirs alone, and here shared with their cohort and with who leads its meetings.
    "own_reflections": Line(SIGNED_IN),
    "reflections_file": Line(SIGNED_IN, ("reflections_kind",)),
    "reflections": Line(MEMBERS, ("cohorts_cohort",), others=404),
    "reflection_new": Line(MEMBERS, ("cohorts_cohort",), others=404),
    "reflection_new_about": Line(MEMBERS, ("cohorts_cohort", "reflection_about"), others=404),
    "reflection_draft": Line(MEMBERS, ("cohorts_cohort", "reflection"), others=404),
    # What a cohort talks about around a meeting: its members, and who leads it. The post is the member's own.
    "own_posts": Line(SIGNED_IN),
    **{
        name: Line(MEMBERS | HERE, ("cohorts_cohort", "book_meeting", *args), others=404)
        for name, args in (
            *(("book_club_thread", ()), ("thread_write", ()), ("thread_post", ("thread_post",))),
            *(("post_reply", ("thread_post",)), ("post_report", ("post_of_another",))),
        )
    },
    "thread_close": Line(HERE, ("cohorts_cohort", "book_meeting"), others=404),
    "thread_open_again": Line(HERE, ("cohorts_cohort", "book_meeting"), others=404),
    "post_edit": Line(MEMBER, ("cohorts_cohort", "book_meeting", "thread_post"), others=404),
    "post_take_back": Line(MEMBER, ("cohorts_cohort", "book_meeting", "thread_post"), others=404),
    "shared_reflections": Line(MEMBERS | HERE, ("cohorts_cohort",), others=404),
    "shared_reflection": Line(MEMBERS | HERE, ("cohorts_cohort", "shared_reflection"), others=404),
    **{
        f"reflection{page}": Line(MEMBER, ("cohorts_cohort", "reflection"), others=404)
        for page in ("", "_edit", "_throw_away", "_delete", "_share", "_take_back")
    },
    # The address itself is the key.
    "feed": Line(EVERYBODY, ("feed_token",)),
    "invitation": Line(EVERYBODY, ("invitation_token",)),
    # Where allauth's pages once were.
    **{
        f"/accounts/social/{page}/": Line(NOBODY, at=f"/accounts/social/{page}/", closed=True)
        for page in ("login/cancelled", "login/error", "signup", "connections")
    },
    # The form, and what a code opens: for everybody alike, whoever they are signed in as.
    **{
        f"referral_{page}": Line(EVERYBODY)
        for page in (
            *("new", "check", "sent", "leave", "none_fits", "time_out_note", "receipt", "consent"),
            *("groups", "group_receipt"),
        )
    },
    "referral_question": Line(EVERYBODY, ("question",)),
    "referral_group": Line(EVERYBODY, ("group",)),
    # A provider's team. What a queue that is not open shows is the way to unlock it.
    **{
        f"queue{page}": Line(TRIAGERS)
        for page in (
            *("", "_find", "_by_phone", "_unlock", "_lock", "_stay", "_keep", "_unsent"),
            *("_passphrase", "_lost_passphrase"),
            *("_keys", "_found", "_drill", "_recover", "_new_epoch", "_enveloping", "_team"),
        )
    },
    # The queue has to be open before anybody learns whether there is such a session, or what it is.
    "queue_groups": Line(TRIAGERS),
    "queue_group_plan": Line(TRIAGERS),
    "queue_group_take_off": Line(TRIAGERS, ("group", "triager")),
    **{f"queue_group{page}": Line(TRIAGERS, ("group",)) for page in ("", "_change", "_call_off", "_link", "_register")},
    "queue_referral": Line(TRIAGERS, ("referral",)),
    "queue_export": Line(TRIAGERS, ("referral",)),
    "queue_give_receipt": Line(TRIAGERS, ("referral",)),
    "queue_act": Line(TRIAGERS, ("referral", "act")),
    **{
        f"queue_{page}": Line(TRIAGE_LEADS, elsewhere=TRIAGERS - TRIAGE_LEADS)
        for page in ("invite", "provider", "new_offer", "trail", "proof", "disposals")
    },
    "queue_offer": Line(TRIAGE_LEAD, ("offer",), elsewhere=TRIAGERS - TRIAGE_LEAD),
    # For whom an offer of that provider is paid, or was.
    **{
        f"queue_proof_{page}": Line(TRIAGE_LEAD, ("commissioner",), elsewhere=TRIAGERS - TRIAGE_LEAD)
        for page in ("of", "file")
    },
    # The queue has to be open before anybody learns whether there is such a colleague.
    "queue_hand_over_all": Line(TRIAGERS, ("triager",)),
    "queue_vouch": Line(TEAM, ("triager",), elsewhere=TRIAGERS - TEAM),
    **{
        f"queue_{page}": Line(TRIAGE_LEAD, ("triager",), elsewhere=TRIAGERS - TRIAGE_LEAD)
        for page in ("admit", "make_lead", "take_out")
    },
    # Facilitators.
    "facilitate": Line(FACILITATORS),
    **{
        name: Line(HERE | KEEPERS, ("session",), elsewhere=(FACILITATORS | ADMINS) - HERE - KEEPERS)
        for name in ("register", "register_code", "register_on_paper", "walk_in", "evaluation", "session_needs")
    },
    **{
        page: Line(HERE | KEEPERS, ("cohorts_cohort",), elsewhere=(FACILITATORS | ADMINS) - HERE - KEEPERS)
        for page in ("group", "group_components")
    },
    # The session is weeks away: its code is shown to nobody yet.
    "register_code_image": Line(NOBODY, ("session",), elsewhere=FACILITATORS | ADMINS),
    "here": Line(SIGNED_IN),
    "here_by_code": Line(EVERYBODY, ("feed_token",)),
    # The admin pages.
    "admin:index": Line(ADMINS),
    "admin:login": Line(ADMINS),
    "admin:logout": Line(ADMINS),
    "admin:autocomplete": Line(ADMINS, query="?app_label=cohorts&model_name=membership&field_name=user&term=x"),
    "admin:jsi18n": Line(ADMINS),
    "admin:app_list": Line(ADMINS, ("app_label",)),
    # No page at all; only an admin is told so.
    "/admin/(?P<url>.*)$": Line(NOBODY, elsewhere=ADMINS, at="/admin/nothing/here/"),
    "admin:cohorts_session_series": Line(ADMINS),
    "admin:cohorts_membership_export": Line(ADMINS),
    "admin:cohorts_booking_export": Line(ADMINS),
    **{f"admin:qi_projects_project_{page}": Line(ADMINS) for page in ("glance", "export", "export_measures")},
    "admin:accounts_organisation_export": Line(ADMINS),
    "admin:accounts_organisation_import": Line(ALL_KEEPERS),
    **of_model("accounts_role", change=False, admins=ALL_KEEPERS),
    **of_model("accounts_invitation", change=False, admins=ALL_KEEPERS),
    **of_model("accounts_organisation", admins=ALL_KEEPERS, readers=ADMINS - ALL_KEEPERS),
    "admin:accounts_organisation_merge": Line(ALL_KEEPERS, ("accounts_organisation",)),
    **of_model("accounts_jobrole", admins=ALL_KEEPERS, readers=ADMINS - ALL_KEEPERS),
    "admin:accounts_user_sees": Line(ALL_KEEPERS, ("accounts_user", "seen_page")),
    **of_model("retention_hold", change=False, admins=ALL_KEEPERS),
    **of_model("retention_erasurerequest", add=False, change=False, admins=ALL_KEEPERS),
    **of_model("retention_disposal", add=False, change=False, admins=ALL_KEEPERS),
    "admin:retention_erasurerequest_letter": Line(ALL_KEEPERS),
    "admin:retention_disposal_due": Line(ALL_KEEPERS),
    "admin:retention_disposal_export": Line(ALL_KEEPERS),
    **of_model("accounts_user", "merge", add=False, admins=ALL_KEEPERS),
    **of_model("outbox_message", add=False, change=False, ruled=False),
    # Files that were confirmed are there for whoever did that alone; here the programme admin.
    **of_model("imports_fileimport", add=False, change=False),
    **{
        f"admin:imports_fileimport_{page}": Line(
            frozenset({"programme admin"}),
            ("imports_fileimport",),
            elsewhere=ADMINS - {"programme admin"},
            read_only=page == "change",
        )
        for page in ("change", "history")
    },
    **of_model("cohorts_programme", scoped=True, delete=True),
    **of_model("cohorts_component", add=False, change=False, scoped=True),
    **of_model(
        "cohorts_cohort",
        *("life", "enrol", "nominate", "learning_records", "applicants", "export_applicants"),
        *("record", "champions", "certify", "copy"),
        scoped=True,
        delete=True,
    ),
    **of_model("cohorts_membership", "withdraw", "defer", "take_back", "certify", change=False, scoped=True),
    **of_model("cohorts_graduation", "invite", "certify", scoped=True, delete=True),
    **of_model("cohorts_graduationinvitation", add=False, change=False, scoped=True),
    **of_model("cohorts_certificate", "revoke", "reissue", add=False, change=False, scoped=True),
    **of_model("cohorts_cohortmessage", "send", scoped=True, delete=True),
    **of_model("cohorts_testimony", "publish", "shorten", "decline", add=False, change=False, scoped=True),
    **of_model("cohorts_messagereport", add=False, change=False, scoped=True),
    **of_model("cohorts_session", "move", "cancel", "places", "export_evaluation", scoped=True, delete=True),
    **of_model("cohorts_material", scoped=True, delete=True),
    # Nothing hangs on one, so that it can always be deleted.
    "admin:cohorts_material_delete": Line(KEEPERS, ("cohorts_material",), elsewhere=ADMINS - KEEPERS),
    **of_model("cohorts_course", "publish", scoped=True, delete=True),
    **of_model("cohorts_coursepage", scoped=True, delete=True),
    **of_model("cohorts_booking", "cancel", change=False, scoped=True),
    **of_model("qi_projects_theme", admins=ALL_KEEPERS, readers=ADMINS - ALL_KEEPERS),
    **of_model("bookclub_book", delete=True),
    "admin:bookclub_book_import": Line(ADMINS),
    **of_model("bookclub_copy", delete=True, scoped=True),
    **of_model("bookclub_lendingterms", scoped=True),
    **of_model(*("bookclub_loan", "back", "due", "lost"), change=False, scoped=True),
    **of_model(*("bookclub_copyrequest", "lend", "decline"), add=False, change=False, scoped=True),
    **of_model(*("bookclub_listedbook", "arrange", "swap", "take_off", "earlier", "later"), change=False, scoped=True),
    **of_model("bookclub_meetingplan", change=False, scoped=True),
    **of_model("bookclub_suggestion", "take_up", "set_aside", add=False, change=False, scoped=True),
    # Whoever keeps the programme reads what was reported, and nothing else of a thread.
    **of_model(*("bookclub_postreport", "take_away", "keep", "put_back"), add=False, change=False, scoped=True),
    **of_model("qi_projects_project", "coaches", add=False, change=False, scoped=True),
    **of_model("qi_projects_publication", "publish", "return", "take_down", add=False, change=False, scoped=True),
    **of_model("cohorts_venue"),
    **of_model("cohorts_facilitator"),
    # They stand on sessions of the one programme: who keeps another may use them, and not change what they say.
    **{
        f"admin:cohorts_{shared}_change": Line(ADMINS, (f"cohorts_{shared}",), readers=ADMINS - KEEPERS)
        for shared in ("venue", "facilitator")
    },
    # Messages and the trail tell of everybody, whatever the programme.
    "admin:outbox_message_changelist": Line(ALL_KEEPERS),
    "admin:outbox_message_change": Line(ALL_KEEPERS, ("outbox_message",), read_only=True),
    "admin:outbox_message_history": Line(ALL_KEEPERS, ("outbox_message",)),
    **of_model("trail_entry", add=False, ruled=False),
    "admin:trail_entry_changelist": Line(SUPERUSER),
    "admin:trail_entry_change": Line(SUPERUSER, ("trail_entry",), read_only=True),
    "admin:trail_entry_history": Line(SUPERUSER, ("trail_entry",)),
}
