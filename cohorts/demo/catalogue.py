"""The demonstration's programmes. Their facts (counts, lengths, order, audiences) are those of real programmes."""

from datetime import time, timedelta

from cohorts.demo.plans import ChoicePlan, CohortPlan, ComponentPlan, Day, MaterialPlan, ProgrammePlan, Slot
from cohorts.models import Component, EvidenceKind, Material, Programme, Session

Kind, Shape, Strand, Format = Component.Kind, Programme.Shape, Programme.Strand, Session.Format
AFTER = Material.Shown.AFTER

CLINICAL_ROLES = (
    "Midwife",
    "Consultant in obstetrics and gynaecology",
    "Neonatal nurse",
    "Neonatal doctor",
    "Health visitor",
    "Quality lead",
    "Family nurse partner",
    "Other role in hands-on perinatal care",
)
LEADERSHIP_ROLES = ("Head of department", "Director", "Chief executive", "Board member")

TRAINING_DAY = timedelta(hours=7)
BRING_TO_TRAINING = "Bring something to write with. Lunch is provided: say with your booking what you cannot eat."

# SERVICE A5: workshops that are offered as self-study, too.
ATTENDED_OR_ALONE = (EvidenceKind.ATTENDANCE, EvidenceKind.SELF_STUDY)

SENTENCES = ("I felt safe to say what I think", "I can use what I learnt where I work")
WHAT_NEXT = "What will you do differently now?"

PERINATAL = ProgrammePlan(
    slug="perinatal",
    name="Perinatal anti-racism programme",
    shape=Shape.COHORT,
    strand=Strand.HEARTS_AND_MINDS,
    summary="Six months of training, reading and change at work for teams who give perinatal care.",
    description=(
        "Racism in health services causes harm to women and families racialised as Black. This programme helps "
        "perinatal teams to see how it works, in people and in systems, and to change their own practice.\n\n"
        "You train in 3 in-person days with colleagues from several trusts, meet for a book club 3 times, and learn "
        "to run a quality improvement (QI) project in 3 workshops."
    ),
    audience="People in hands-on perinatal care, from any profession.",
    eligibility="You work in perinatal care at a trust that takes part. Your manager has agreed to the training days.",
    length="6 months",
    job_roles=CLINICAL_ROLES,
    outcomes=(
        "Explain how racism affects the care that women and families receive",
        "Notice your own part in it and act on what you notice",
        "Lead a change at work and show whether it has helped",
    ),
    agree_with=SENTENCES,
    own_words_on=(WHAT_NEXT,),
    choices=(ChoicePlan("Book club meetings", ("book-club-1", "book-club-2", "book-club-3"), at_least=2),),
    components=(
        ComponentPlan(
            "training-1", "Training day 1: how racism works in perinatal care", Kind.TRAINING,
            "A day in person with specialist trainers, to build a shared language in a space that is safe to learn in.",
            lasts=TRAINING_DAY, what_to_bring=BRING_TO_TRAINING, within_weeks=4,
            outcomes=("Describe personal and systemic racism with examples from perinatal care",),
            materials=(
                MaterialPlan("Words that we use", text="Bring one word that you are unsure of. We begin with those."),
                MaterialPlan(
                    "Slides of the day", "https://materials.example/training-1",
                    "For your own use. Please do not pass on the stories that people told.", AFTER,
                ),
            ),
            slots=(Slot(-8, Day.TUESDAY, booked=12), Slot(-7, Day.THURSDAY, booked=5)),
        ),
        ComponentPlan(
            "book-club-1", "Book club meeting 1", Kind.BOOK_CLUB,
            "We talk about the first of the 3 books on your cohort's reading list.",
            starts=time(12, 30), format=Format.ONLINE, slots=(Slot(-5, Day.WEDNESDAY, booked=14),),
        ),
        ComponentPlan(
            "qi-workshop-1", "QI workshop 1: choose what to change", Kind.WORKSHOP,
            "Turn something you have noticed into an aim that can be measured.",
            fulfilled_by=ATTENDED_OR_ALONE,
            starts=time(14), lasts=timedelta(hours=2), format=Format.ONLINE, cpd_points=2,
            materials=(
                MaterialPlan(
                    "A worksheet for your aim", "https://materials.example/aim",
                    "Fill in what you can. 10 minutes are enough.",
                ),
            ),
            slots=(Slot(-2, Day.MONDAY, booked=15),),
        ),
        ComponentPlan(
            "training-2", "Training day 2: listening to lived experience", Kind.TRAINING,
            "A day in person on what women and families racialised as Black say about their care, and what follows.",
            lasts=TRAINING_DAY, what_to_bring=BRING_TO_TRAINING, follows="training-1", within_weeks=12,
            materials=(
                MaterialPlan(
                    "A film to watch before the day: 4 women, 4 births", "https://materials.example/four-births",
                    "18 minutes, with captions and a transcript. It shows racism and the loss of a baby: watch it when "
                    "you have time, and not alone if you would rather not.",
                ),
                MaterialPlan(
                    "What we agreed on",
                    text="We listen first. We believe what people tell us. We ask what they need, and write it down.",
                    shown=AFTER,
                ),
            ),
            slots=(Slot(1, Day.TUESDAY, booked=12), Slot(2, Day.THURSDAY, booked=4)),
        ),
        ComponentPlan(
            "book-club-2", "Book club meeting 2", Kind.BOOK_CLUB,
            "We talk about the second book on your cohort's reading list.",
            starts=time(12, 30), format=Format.ONLINE, follows="book-club-1",
            slots=(Slot(3, Day.WEDNESDAY, booked=8),),
        ),
        ComponentPlan(
            "qi-workshop-2", "QI workshop 2: test a change", Kind.WORKSHOP,
            "Plan a small test, run it, study what happened and decide what to do next.",
            fulfilled_by=ATTENDED_OR_ALONE,
            starts=time(14), lasts=timedelta(hours=2), cpd_points=2, follows="qi-workshop-1",
            slots=(Slot(4, Day.MONDAY, places=6, booked=6, waiting=3), Slot(5, Day.MONDAY, booked=1)),
        ),
        ComponentPlan(
            "qi-workshop-3", "QI workshop 3: measure and share", Kind.WORKSHOP,
            "Show whether a change has helped, and tell others about it.",
            fulfilled_by=ATTENDED_OR_ALONE,
            starts=time(14), lasts=timedelta(hours=2), format=Format.ONLINE, cpd_points=2, follows="qi-workshop-2",
            slots=(Slot(11, Day.MONDAY),),
        ),
        ComponentPlan(
            "training-3", "Training day 3: changing the system", Kind.TRAINING,
            "A day in person on policies, data and power: what has to change so that care is fair for everyone.",
            lasts=TRAINING_DAY, what_to_bring=BRING_TO_TRAINING, follows="training-2",
            slots=(Slot(15, Day.TUESDAY), Slot(16, Day.THURSDAY)),
        ),
        ComponentPlan(
            "book-club-3", "Book club meeting 3", Kind.BOOK_CLUB,
            "We talk about the third book on your cohort's reading list, and what you take from all of them.",
            starts=time(12, 30), format=Format.ONLINE, follows="book-club-2", slots=(Slot(17, Day.WEDNESDAY),),
        ),
        ComponentPlan(
            "qi-project", "Your QI project", Kind.PROJECT,
            "Run a quality improvement project where you work. We encourage everybody to, with a coach beside you.",
            fulfilled_by=(EvidenceKind.PROJECT, EvidenceKind.RECORD), required=False, follows="qi-workshop-1",
        ),
    ),
)  # fmt: skip

SENIOR_LEADERS = ProgrammePlan(
    slug="senior-leaders",
    name="Senior leaders programme",
    shape=Shape.COHORT,
    strand=Strand.CAPABILITY,
    summary="For people who decide how services are led: what an anti-racist organisation asks of you.",
    description=(
        "Leaders shape structures, money and whose voice is heard. This programme gives you the knowledge to change "
        "systems, and peers from other trusts to do it with.\n\n"
        "You train in 3 in-person sessions over 6 months with other senior leaders."
    ),
    audience="People in positions of power or leadership, with strategic and managerial responsibilities.",
    eligibility="You lead a department, a directorate or an organisation, or you influence how one is run.",
    length="6 months",
    job_roles=LEADERSHIP_ROLES,
    outcomes=(
        "Explain how structures and decisions keep racism in place",
        "Use your organisation's data to hold yourself to account",
    ),
    agree_with=SENTENCES,
    own_words_on=(WHAT_NEXT,),
    components=(
        ComponentPlan(
            "leading-1", "Session 1: power and responsibility", Kind.TRAINING,
            "A morning in person on where power lies and what it is used for.",
            lasts=timedelta(hours=3),
            materials=(
                MaterialPlan(
                    "Your last board paper on race equality", text="Read it once more. Who was asked for it?",
                ),
            ),
            slots=(Slot(-4, Day.WEDNESDAY, booked=11),),
        ),
        ComponentPlan(
            "leading-2", "Session 2: reading your own data", Kind.TRAINING,
            "A morning in person with your organisation's workforce and outcome data. Bring what your board last saw.",
            lasts=timedelta(hours=3), follows="leading-1", what_to_bring="The data that your board last looked at.",
            slots=(Slot(2, Day.WEDNESDAY, booked=8), Slot(4, Day.WEDNESDAY)),
        ),
        ComponentPlan(
            "leading-3", "Session 3: accountable action", Kind.TRAINING,
            "A morning in person to settle what you will change, by when, and who will ask you about it.",
            lasts=timedelta(hours=3), follows="leading-2", slots=(Slot(12, Day.WEDNESDAY),),
        ),
    ),
)  # fmt: skip

CULTURAL_AWARENESS = ProgrammePlan(
    slug="cultural-awareness",
    name="Cultural awareness programme",
    shape=Shape.PATHWAY,
    strand=Strand.HEARTS_AND_MINDS,
    summary="An eLearning module, a workshop and a reflective practice session, in that order.",
    description=(
        "Start with an eLearning module in your own time. Then come to a 3-hour workshop face to face. "
        "Last, reflect on it with others in a 75-minute online session."
    ),
    audience="Colleagues in clinical divisions.",
    length="2 months",
    outcomes=("Talk about culture, race and care with more confidence",),
    components=(
        ComponentPlan(
            "elearning", "eLearning module", Kind.ELEARNING,
            "An online module that you do in your own time, before the workshop.",
            fulfilled_by=(EvidenceKind.IMPORT, EvidenceKind.RECORD),
        ),
        ComponentPlan(
            "workshop", "Cultural awareness workshop", Kind.WORKSHOP,
            "A 3-hour workshop, face to face.", lasts=timedelta(hours=3), follows="elearning",
            slots=(Slot(3, Day.WEDNESDAY, booked=3), Slot(5, Day.WEDNESDAY)),
        ),
        ComponentPlan(
            "reflective-practice", "Reflective practice session", Kind.REFLECTIVE_PRACTICE,
            "A 75-minute online session with a small group, on what the workshop has stirred and changed.",
            starts=time(15), lasts=timedelta(minutes=75), format=Format.ONLINE, follows="workshop",
            slots=(Slot(6, Day.THURSDAY, places=8, booked=2), Slot(7, Day.THURSDAY, places=8)),
        ),
    ),
)  # fmt: skip

RACE_EQUALITY_WEEK = ProgrammePlan(
    slug="race-equality-week",
    name="Race Equality Week",
    shape=Shape.SERIES,
    strand=Strand.ACCOUNTABILITY,
    summary="Three open events in one week. Come to one or to all of them.",
    description="Each event is online and takes an hour over lunch. You do not need to be in a programme to come.",
    audience="Everybody who works in health and care.",
    components=(
        ComponentPlan(
            "microaggressions", "Microaggressions: small words, lasting harm", Kind.WORKSHOP,
            "What microaggressions are, what they do to people, and what to say when you hear one.",
            starts=time(12), format=Format.ONLINE, required=False, slots=(Slot(6, Day.MONDAY, places=100),),
        ),
        ComponentPlan(
            "names", "The importance of names", Kind.WORKSHOP,
            "Why getting a name right matters, and how to ask when you are not sure.",
            starts=time(12), format=Format.ONLINE, required=False, slots=(Slot(6, Day.WEDNESDAY, places=100),),
        ),
        ComponentPlan(
            "psychological-safety", "Psychological safety", Kind.WORKSHOP,
            "What lets people speak up about racism at work, and what leaders can do for it.",
            starts=time(12), format=Format.ONLINE, required=False, slots=(Slot(6, Day.FRIDAY, places=100),),
        ),
    ),
)  # fmt: skip

COMMUNITY_OF_PRACTICE = ProgrammePlan(
    slug="community-of-practice",
    name="Community of practice",
    shape=Shape.SERIES,
    strand=Strand.CAPABILITY,
    summary="A weekly online hour for people who change something at work, during a programme and after it.",
    description="Bring what you are working on, hear how others do it, and leave with one next step.",
    audience="Everybody who takes part in a programme, or has done.",
    components=(
        ComponentPlan(
            "weekly-hour", "Community of practice: the weekly hour", Kind.WORKSHOP,
            "An open hour online. Come as often as you like.",
            starts=time(13), format=Format.ONLINE, required=False, once=False,
            slots=tuple(Slot(week, Day.FRIDAY, places=30, booked=5) for week in range(-2, 7)),
        ),
    ),
)  # fmt: skip

CELEBRATIONS = ProgrammePlan(
    slug="celebrations",
    name="Celebrations",
    shape=Shape.INVITATION,
    strand=Strand.ACCOUNTABILITY,
    summary="Once a year we celebrate everybody who has completed a programme, with their guests.",
    description="By invitation, for whoever has completed a programme in the last year.",
    audience="Everybody who has completed a programme.",
    published=False,
    components=(
        ComponentPlan(
            "graduation", "Graduation", Kind.TRAINING,
            "An afternoon to look back on what has changed where you work, and to be proud of it.",
            starts=time(14), lasts=timedelta(hours=2), once=False, slots=(Slot(8, Day.WEDNESDAY, places=40),),
        ),
    ),
)  # fmt: skip

PROGRAMMES = (PERINATAL, SENIOR_LEADERS, CULTURAL_AWARENESS, RACE_EQUALITY_WEEK, COMMUNITY_OF_PRACTICE, CELEBRATIONS)

PARTICIPANT, CHAMPION, LEAD = "participant@demo.example", "champion@demo.example", "lead@demo.example"

COHORTS = (
    CohortPlan(
        PERINATAL,
        "Perinatal cohort",
        began_weeks_ago=8,
        lasts_weeks=26,
        first_number=4,
        members=(PARTICIPANT, CHAMPION),
        colleagues=20,
        done_by_members=("training-1", "book-club-1", "qi-workshop-1"),
        booked_by_members=("training-2",),
    ),
    CohortPlan(
        SENIOR_LEADERS,
        "Senior leaders cohort",
        began_weeks_ago=4,
        lasts_weeks=26,
        first_number=2,
        members=(LEAD,),
        colleagues=12,
        done_by_members=("leading-1",),
        booked_by_members=("leading-2",),
    ),
    CohortPlan(
        CULTURAL_AWARENESS,
        "Cultural awareness group",
        began_weeks_ago=0,
        lasts_weeks=9,
        first_number=1,
        members=(PARTICIPANT,),
        colleagues=4,
        by_file=4,
    ),
)
