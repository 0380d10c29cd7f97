"""What five projects of the demonstration are about, how they are measured, and how far each has come.

Each shows what the others do not: figures that get worse, too few points, denominators too small for their chart, a
plan on paper alone, and a change after which the chart shifts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from qi_projects.models import Cycle, CycleQuestion, Measure, Project

Setting, Outcome = Project.Setting, CycleQuestion.Outcome
Chart, Counted, Direction, Kind, Often = (
    Measure.Chart,
    Measure.Counted,
    Measure.Direction,
    Measure.Kind,
    Measure.Often,
)


@dataclass(frozen=True, slots=True)
class Tried:
    """A cycle: its plan, what was asked and predicted, and, as far as it came, what was done, found and decided."""

    name: str
    plan: Mapping[str, str]
    asked: str
    predicted: str = ""
    began: int = 0
    """Days ago; 0 while it is planned."""
    days: int = 14
    happened: str = ""
    answer: str = ""
    outcome: str = Outcome.AS_PREDICTED
    learnt: str = ""
    decision: str = ""
    why: str = ""
    abandoned_because: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A project: whose it is (a trust, and how many cohorts before the one that runs), and how far it has come."""

    title: str
    theme: str
    trust: str
    cohorts_ago: int
    says: Mapping[str, Any]
    drivers: Sequence[tuple[str, str, str]]
    """From left to right: a primary driver, a secondary one, and a change idea."""
    measure: Mapping[str, Any]
    cycle: Tried
    score: tuple[str, str]
    figures: str = ""
    """The figure, or how many out of how many, of each period up to the last one; "-" where nobody counted."""
    every: int = 1
    """Weeks from one figure to the next."""
    finished_because: str = ""
    accepted_because: str = ""
    colleagues: Sequence[str] = ()
    """The trusts of who else is in the team."""


WORSE: Final = "Seen within four weeks"
FEW: Final = "When racism is reported, somebody answers"
SMALL: Final = "The same midwife, most of the time"
ON_PAPER: Final = "What our board asks each month"
SHIFTED: Final = "A blood pressure cuff to take home"

PLANS: Final = (
    Plan(
        title=WORSE,
        theme="Perinatal mental health",
        trust="DEMO4",
        cohorts_ago=1,
        says={
            "setting": Setting.MENTAL_HEALTH,
            "noticed": "Women racialised as Black and Asian are referred to us later in pregnancy than others, and "
            "then wait as long as everybody does. For some the first appointment comes after the birth.",
            "why_it_matters": "Whoever has been told to be strong asks once. A wait of two months answers for us.",
            "aim_what": "Everybody who is referred has a first appointment within 28 days, at a place that they can "
            "reach.",
            "aim_how_much": "From 37 days to 28 in the middle, and no later for women racialised as Black",
            "aim_for_whom": "Everybody who is referred to the perinatal mental health team",
            "first_change": "Three first appointments a week at the children's centre in the east of the city.",
        },
        drivers=(
            ("There is an appointment", "Rooms are to be had", "First appointments at the children's centre"),
            ("People can come", "We ask what would make it possible", "Ask about times, places and childcare by phone"),
        ),
        measure={
            "name": "Days from referral to a first appointment",
            "kind": Kind.OUTCOME,
            "counted": Counted.VALUE,
            "often": Often.WEEK,
            "direction": Direction.LOWER,
            "unit": "days",
            "target": Decimal(28),
            "definition": "The median of all first appointments of the week.",
            "chart": Chart.XMR,
            "baseline": 12,
        },
        figures="38 35 41 36 33 39 37 34 40 36 38 35 37 34 36 33 39 42 44 43 46 - 45 47 49 48",
        cycle=Tried(
            name="The children's centre",
            plan={
                "objective": "Whether people come more easily to a place that they know",
                "plan_what": "Three first appointments a week in the quiet room",
                "plan_where": "The children's centre",
                "plan_when": "Four weeks",
            },
            asked="How many of 12 come?",
            predicted="Ten. At the hospital it is eight.",
            began=77,
            happened="In the first two weeks six of six came. Then the room was needed for something else.",
            abandoned_because="The centre lost a floor to repairs, and the same month two of us left. We have fewer "
            "appointments now than when we began, and the chart says so. It is the place that worked: we look for "
            "another room before we go on.",
        ),
        score=("2.0", "Six of six in two weeks, and a chart that gets worse for reasons that we know."),
        colleagues=("DEMO1",),
    ),
    Plan(
        title=FEW,
        theme="Staff experience of racism",
        trust="DEMO2",
        cohorts_ago=0,
        says={
            "setting": Setting.TRUST_WIDE,
            "noticed": "Colleagues racialised as Black tell one another what happened, and not the trust. Of five who "
            "had reported something, two had heard back.",
            "why_it_matters": "Silence after a report tells everybody on the ward not to make one.",
            "aim_what": "Whoever reports racism at work is spoken to within three working days, by somebody whom they "
            "chose.",
            "aim_how_much": "Everybody",
            "aim_for_whom": "Colleagues who report racism from anybody, patients included",
            "first_change": "The form asks by whom you would like to be called.",
        },
        drivers=(
            ("Somebody answers", "It is clear who calls", "Choose on the form who calls you"),
            ("Reporting is worth it", "Teams hear what changed", "Two sentences in the weekly letter on what was done"),
        ),
        measure={
            "name": "Working days from a report to a conversation",
            "kind": Kind.OUTCOME,
            "counted": Counted.VALUE,
            "often": Often.FORTNIGHT,
            "direction": Direction.LOWER,
            "unit": "days",
            "target": Decimal(3),
            "definition": "The median of the reports of two weeks, in all four hospitals. None is told of by itself.",
        },
        figures="11 9 12 7 6",
        every=2,
        cycle=Tried(
            name="Who calls",
            plan={
                "objective": "Whether people choose, if they can",
                "plan_what": "One more question on the form, with four names and “somebody else”",
                "plan_who": "The freedom to speak up guardian and the equality lead",
                "plan_when": "All reports of two months",
            },
            asked="How many name somebody?",
            predicted="Half of them",
            began=20,
            happened="The form has the question. There were two reports, and both named somebody.",
        ),
        score=("1.5", "Five points: too few to say anything, and we do not."),
        colleagues=("DEMO3",),
    ),
    Plan(
        title=SMALL,
        theme="Continuity of care",
        trust="DEMO3",
        cohorts_ago=1,
        says={
            "setting": Setting.COMMUNITY,
            "noticed": "Women racialised as Black at our clinic told their story to a new midwife at four of six "
            "visits.",
            "why_it_matters": "Trust that has to begin anew each time does not begin. Continuity of care is where "
            "differences in outcome have become smaller.",
            "aim_what": "Most visits are with one of the two midwives whom a woman knows.",
            "aim_how_much": "Four of six visits",
            "aim_for_whom": "Women racialised as Black who are booked at the riverside clinic",
            "first_change": "Two of us share a list of 12 women, and swap days rather than women.",
        },
        drivers=(
            ("Somebody knows her", "Two midwives share a list", "Swap days rather than women"),
            ("She knows whom to call", "One number, answered by one of two", "A card with two faces and one number"),
        ),
        measure={
            "name": "Visits with a midwife whom she knows",
            "kind": Kind.PROCESS,
            "counted": Counted.PROPORTION,
            "often": Often.FORTNIGHT,
            "direction": Direction.HIGHER,
            "target": Decimal(66),
            "numerator": "visits with one of her two midwives",
            "denominator": "visits of women on the shared list",
            "definition": "Antenatal visits, counted on Fridays from the diary of the clinic.",
            "chart": Chart.P,
        },
        figures="1/4 2/5 1/3 2/6 1/4 3/6 2/4 4/6 3/5 4/5 3/4 5/6 4/6 4/5",
        every=2,
        cycle=Tried(
            name="One list for two",
            plan={
                "objective": "Whether two midwives can share one list for a month",
                "plan_what": "Twelve women, two midwives, and a shared diary",
                "plan_where": "The riverside clinic",
                "plan_when": "Four weeks",
            },
            asked="At how many visits does she know the midwife?",
            predicted="Half",
            began=112,
            days=28,
            happened="We swapped days nine times. Twice neither of us could come.",
            answer="11 of 20",
            learnt="It works as long as both of us are there. What we still lack is somebody for when we are not.",
            decision=Cycle.Decision.ADAPT,
            why="The list holds; the gaps are our days off.",
        ),
        score=("2.5", "Four to six visits in two weeks: the limits are rough, and we read them so."),
        colleagues=("DEMO2",),
    ),
    Plan(
        title=ON_PAPER,
        theme="Data and monitoring",
        trust="DEMO4",
        cohorts_ago=0,
        says={
            "setting": Setting.BOARD,
            "noticed": "Our maternity report has one line on ethnicity, and nobody asks about it.",
            "why_it_matters": "What a board asks about is what an organisation looks at.",
            "aim_what": "Each month the board sees two figures by ethnicity, and asks one question about them.",
            "aim_how_much": "At 6 of 6 meetings",
            "aim_for_whom": "Women and babies in our care; the board is whom we change",
            "who_could_help": "The secretary of the board, the information team, and one non-executive director",
            "first_change": "One page, two charts, one suggested question.",
        },
        drivers=(
            ("The figures are there", "Ethnicity is known at booking", "Ask each woman, and write what she says"),
            ("Somebody asks", "Directors know what to ask", "One suggested question under each chart"),
        ),
        measure={
            "name": "Board meetings at which a question was asked",
            "kind": Kind.PROCESS,
            "counted": Counted.COUNT,
            "often": Often.MONTH,
            "direction": Direction.HIGHER,
            "numerator": "meetings at which somebody asked about a figure by ethnicity",
            "definition": "Counted from the minutes, by the secretary of the board.",
        },
        cycle=Tried(
            name="One page",
            plan={"objective": "Whether one page is read before the meeting"},
            asked="How many directors have read it?",
        ),
        score=("1.0", "A plan on paper. The first meeting is next month."),
    ),
    Plan(
        title=SHIFTED,
        theme="Care after birth",
        trust="DEMO2",
        cohorts_ago=2,
        says={
            "setting": Setting.PRIMARY_CARE,
            "noticed": "After a pregnancy with high blood pressure the first reading at home came nine days after "
            "birth, and later for women racialised as Black, whose risk is higher.",
            "why_it_matters": "Most of those who come back to hospital do so in the first ten days. A headache that is "
            "told by telephone is easily called tiredness.",
            "aim_what": "Everybody who had high blood pressure in pregnancy has a reading within five days of going "
            "home.",
            "aim_how_much": "From 9 days to 5 in the middle",
            "aim_for_whom": "Women of three practices; we looked first at women racialised as Black",
            "first_change": "A cuff in the bag that goes home, and a number to text the reading to.",
        },
        drivers=(
            ("A reading can be taken", "There is a cuff at home", "Lend a cuff before she goes home"),
            ("Somebody looks at it", "It is clear who answers", "One number for texts, looked at by 10am each day"),
        ),
        measure={
            "name": "Days from going home to the first blood pressure reading",
            "kind": Kind.OUTCOME,
            "counted": Counted.VALUE,
            "often": Often.WEEK,
            "direction": Direction.LOWER,
            "unit": "days",
            "target": Decimal(5),
            "definition": "The median of the week. Who had no reading by day 14 counts as 14.",
            "chart": Chart.XMR,
            "baseline": 12,
        },
        figures="9 8.5 10 9.5 8 9 10.5 9 8.5 9.5 9 10 6.5 5.5 6 5 4.5 5.5 5 4 5 4.5 5 4.5",
        cycle=Tried(
            name="The cuff",
            plan={
                "objective": "Whether people send a reading if they have a cuff",
                "plan_what": "Lend 10 cuffs on the day that she goes home, and show it once",
                "plan_who": "The postnatal ward lends, the practice nurse looks at what comes",
                "plan_where": "Three practices",
                "plan_when": "Two weeks",
            },
            asked="How many of 10 send a reading within five days?",
            predicted="Six",
            began=90,
            happened="Ten cuffs went home. Two readings were high, and both women were seen that day.",
            answer="Nine of 10",
            outcome=Outcome.OTHERWISE,
            learnt="What hindered was the cuff, and not the people. Those whom we had thought hard to reach texted "
            "first.",
            decision=Cycle.Decision.ADOPT,
            why="Nine of 10, and two whom a telephone call would have missed.",
        ),
        score=("4.0", "12 weeks after the change the chart has shifted, and stayed."),
        finished_because="The first reading comes after 5 days instead of 9, and as early for women racialised as "
        "Black as for others. It has stayed so for 12 weeks. What we would tell the next team: buy the cuffs first, "
        "and ask the practice nurses who looks at the texts on a Sunday.",
        accepted_because="You say what changed, for whom, and how you know. I will show others your chart.",
    ),
)
