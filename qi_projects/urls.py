"""Addresses of projects. Those of a later piece of a project come below `<int:pk>/`, in a block of their own."""

from django.urls import path

from qi_projects.views import (
    caseload,
    chart_notes,
    charts,
    coaching,
    editing,
    guide,
    measures,
    points,
    projects,
    reviewing,
    teams,
    vouching,
)

urlpatterns = [
    path("", projects.projects, name="projects"),
    path("new/", projects.new, name="project_new"),
    path("new/title/", projects.new_with_title, name="project_new_with_title"),
    path("invitations/<int:pk>/", teams.invitation, name="team_invitation"),
    # A coach's own pages.
    path("coaching/", caseload.projects_to_coach, name="projects_to_coach"),
    path("coaching/away/", caseload.say_away, name="coach_away"),
    path("coaching/away/<int:pk>/", caseload.absence, name="coach_absence"),
    path("<int:pk>/", projects.project, name="project"),
    path("<int:pk>/history/", projects.history, name="project_history"),
    path("<int:pk>/start/", guide.check, name="project_check"),
    path("<int:pk>/start/<slug:key>/", guide.question, name="project_question"),
    path("<int:pk>/edit/<slug:part>/", editing.edit, name="project_edit"),
    path("<int:pk>/decide/<slug:act>/", editing.act, name="project_act"),
    path("<int:pk>/team/", teams.team, name="project_team"),
    path("<int:pk>/team/invite/", teams.invite, name="project_invite"),
    path("<int:pk>/team/invitations/<int:invitation_id>/", teams.take_back, name="team_invitation_take_back"),
    path("<int:pk>/team/<int:place_id>/", teams.place, name="project_place"),
    path("<int:pk>/my-part/", teams.my_part, name="project_my_part"),
    path("<int:pk>/approval/", vouching.approval, name="project_approval"),
    path("<int:pk>/ethics/", vouching.statement, name="project_statement"),
    path("<int:pk>/measures/", measures.measures, name="project_measures"),
    path("<int:pk>/measures/new/", measures.new, name="measure_new"),
    path("<int:pk>/measures/<int:measure_id>/", charts.measure, name="measure"),
    path("<int:pk>/measures/<int:measure_id>/edit/<slug:part>/", measures.edit, name="measure_edit"),
    path("<int:pk>/measures/<int:measure_id>/keep/", measures.keep, name="measure_keep"),
    path("<int:pk>/measures/<int:measure_id>/files/<slug:form>/", charts.file, name="measure_file"),
    path("<int:pk>/measures/<int:measure_id>/points/new/", points.new, name="measure_point_new"),
    path("<int:pk>/measures/<int:measure_id>/points/paste/", points.paste, name="measure_paste"),
    path("<int:pk>/measures/<int:measure_id>/points/earlier/", points.earlier, name="measure_earlier"),
    path("<int:pk>/measures/<int:measure_id>/points/<int:point_id>/", points.point, name="measure_point"),
    path(
        "<int:pk>/measures/<int:measure_id>/points/<int:point_id>/take-out/", points.take_out, name="measure_take_out"
    ),
    path("<int:pk>/measures/<int:measure_id>/new-limits/", chart_notes.rebase, name="measure_rebase"),
    path(
        "<int:pk>/measures/<int:measure_id>/new-limits/<int:rebase_id>/take-back/",
        chart_notes.take_back,
        name="measure_rebase_end",
    ),
    path("<int:pk>/measures/<int:measure_id>/notes/", chart_notes.annotate, name="measure_annotate"),
    # Coaching and review.
    path("<int:pk>/coaching/", coaching.coaching, name="project_coaching"),
    path("<int:pk>/coaching/ask/", coaching.ask, name="project_ask"),
    path("<int:pk>/coaching/comment/", coaching.comment, name="project_comment"),
    path("<int:pk>/coaching/<int:thread_id>/", coaching.thread, name="project_thread"),
    path("<int:pk>/score/", coaching.score, name="project_score"),
    path("<int:pk>/review/", reviewing.review, name="project_review"),
    path("<int:pk>/review/send/", reviewing.submit, name="project_submit"),
    path("<int:pk>/review/<slug:act>/", reviewing.decide, name="project_decide"),
]
