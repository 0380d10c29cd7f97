"""The self-study of QI workshop 3: reading a run chart, and making a change last.

It is made up for this demonstration, by the methods of the field.
"""

from cohorts.demo.study_plans import CoursePlan, ModulePlan, OptionPlan, PagePlan
from cohorts.models import CoursePage

Exercise = CoursePage.Exercise

SUSTAINING = CoursePlan(
    slug="qi-workshop-3",
    minutes=40,
    introduction=(
        "Did it help, or was it a good month? This self-study shows how to read a run chart, what to do so that a "
        "change lasts, and how to tell others about it.\n\n"
        "It goes best after QI workshop 2."
    ),
    modules=(
        ModulePlan(
            "Reading a run chart",
            (
                PagePlan(
                    "Data over time",
                    "Before and after, two bars: 65 in 100, then 80 in 100. It looks like success. But what if it "
                    "was 80 last spring, too?\n\n"
                    "A run chart shows each week as a point, in the order of time, with the median as a line: half "
                    "of the points are above it, half below. Now you see whether something has changed, or goes up "
                    "and down as it always has.",
                ),
                PagePlan(
                    "The median",
                    "Seven weeks: 60, 72, 65, 58, 65, 70 and 63 in 100 women had pain relief within 30 minutes.",
                    exercise=Exercise.NUMBER,
                    question="What is the median?",
                    number=65,
                    hint="Put the seven numbers in order of size. Which stands in the middle?",
                    explanation="In order they are 58, 60, 63, 65, 65, 70 and 72. The fourth of the seven is 65.",
                ),
                PagePlan(
                    "Chance, or a change?",
                    "Every figure goes up and down. A shift is many points in a row on one side of the median: so "
                    "many that chance alone hardly does that. How many it takes depends on how many points there "
                    "are, and the portal counts for you.\n\n"
                    "When you see one, ask what was different from then on. When you see none, ask for nobody's "
                    "explanation of this week's figure.",
                    exercise=Exercise.ONE,
                    question="This week's point is lower than last week's. There is no other signal. What do you do?",
                    options=(
                        OptionPlan(
                            "Ask the ward to explain why it has got worse",
                            "One point lower is what chance does half of the time. An explanation would be made up.",
                        ),
                        OptionPlan(
                            "Go on with the test, and add next week's point",
                            "You need more points to tell. That is all.",
                            is_right=True,
                        ),
                        OptionPlan(
                            "Leave the point out",
                            "Then the chart no longer shows what happened, and nobody can rely on it.",
                        ),
                    ),
                ),
                PagePlan(
                    "Small numbers are people",
                    "Some weeks three Black women give birth on the ward. One of them waits, and the figure drops "
                    "by a third. So put weeks together to months, and say how many women a point stands for.\n\n"
                    "Never leave a group out because it is small. Ask those women, and write down what they tell "
                    "you. A story is evidence, too. Take care that nobody can be known by it.",
                    exercise=Exercise.SEVERAL,
                    question="Few women in a month belong to the group that your aim is about. What helps?",
                    options=(
                        OptionPlan(
                            "Put several weeks together to one point",
                            "With more women to a point, chance moves it less.",
                            is_right=True,
                        ),
                        OptionPlan(
                            "Put all women who are racially minoritised into one group, and look no further",
                            "What happens to Black women can vanish in it. Look at each group, and say how many.",
                        ),
                        OptionPlan(
                            "Listen to what women say, and put it beside the figures",
                            "It says why, which no figure does.",
                            is_right=True,
                        ),
                        OptionPlan(
                            "Leave the group out, as the numbers are too small",
                            "So it is that those who are harmed most are counted least.",
                        ),
                    ),
                ),
            ),
        ),
        ModulePlan(
            "So that it lasts",
            (
                PagePlan(
                    "When you are no longer there",
                    "Many changes end when the person who began them goes on leave. What lasts is built into the "
                    "work: it stands in the form that everybody fills in, in the induction, in somebody's role.\n\n"
                    "And it is still looked at: somebody adds a point each month, and says something when it "
                    "slips.",
                    exercise=Exercise.SEVERAL,
                    question="Which of these helps the card by the bed to last?",
                    options=(
                        OptionPlan(
                            "It becomes a field in the notes that everybody fills in",
                            "Then doing it is easier than not doing it.",
                            is_right=True,
                        ),
                        OptionPlan(
                            "The midwife who had the idea reminds everybody",
                            "For as long as she is there, and has the strength to.",
                        ),
                        OptionPlan(
                            "New colleagues learn about it in their first week, and why it began",
                            "Who knows why does it when nobody looks, too.",
                            is_right=True,
                        ),
                        OptionPlan(
                            "The chart is on the agenda of the ward's monthly meeting",
                            "What is looked at is kept up, and somebody notices when it slips.",
                            is_right=True,
                        ),
                    ),
                ),
                PagePlan(
                    "Tell it as it was",
                    "Others will want to do the same. Tell them what you tried that did not work, too: it saves "
                    "them half a year.\n\n"
                    "Thank those who told you what it was like for them. Ask before you tell a story that is "
                    "theirs, and leave it out if they would rather not.",
                    exercise=Exercise.REFLECTION,
                    question="Who on your ward should hear of what you have found? Who would have to agree first?",
                ),
            ),
        ),
    ),
)
