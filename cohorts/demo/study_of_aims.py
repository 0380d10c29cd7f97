"""The self-study of QI workshop 1: the model for improvement, and an aim.

It is made up for this demonstration, by the methods of the field.
"""

from cohorts.demo.study_plans import CoursePlan, ModulePlan, OptionPlan, PagePlan
from cohorts.models import CoursePage

Exercise = CoursePage.Exercise

AIMS = CoursePlan(
    slug="qi-workshop-1",
    minutes=45,
    introduction=(
        "You have seen something at work that is not fair, and you would like to change it. This self-study takes "
        "you from that to an aim that your team can work towards.\n\n"
        "You need no experience of quality improvement. Have one thing in mind that you would like to be "
        "different."
    ),
    modules=(
        ModulePlan(
            "Three questions to begin with",
            (
                PagePlan(
                    "The model for improvement",
                    "Quality improvement is a way to change something at work together, in small steps, and to "
                    "find out whether it has helped.\n\n"
                    "The model for improvement asks three questions. What are we trying to accomplish? How will we "
                    "know that a change is an improvement? What change can we make that will result in "
                    "improvement?\n\n"
                    "Then you test your change on a small scale, learn from it, and test again. There is no need "
                    "to get it right the first time.",
                ),
                PagePlan(
                    "In which order",
                    "A team hears from women racialised as Black that they had to ask again and again for pain "
                    "relief in labour. Somebody says at once: “Let us print a poster.”\n\n"
                    "A poster is an answer to the third question. It may be a good one. But if nobody has asked "
                    "the first two, nobody will know what it was for, nor whether it has helped.",
                    exercise=Exercise.ORDER,
                    question="In which order does a team ask these questions?",
                    options=(
                        OptionPlan("What are we trying to accomplish?", "The aim: how much, by when, for whom."),
                        OptionPlan("How will we know that a change is an improvement?", "The measures."),
                        OptionPlan("What change can we make?", "The ideas, of which you test the first."),
                    ),
                    hint="What would you have to know before you could say whether the poster has helped?",
                    explanation="Teams go back and forth between them. The order is there so that none is forgotten.",
                ),
                PagePlan(
                    "It is the system that we change",
                    "When care is worse for some women than for others, we can look for who was at fault. Then "
                    "people hide what went wrong, and the next woman meets the same.\n\n"
                    "Or we ask: what makes it likely that this happens here, whoever is on duty? Racism works "
                    "through habits, forms, rotas and rooms as much as through what one person says. Those we can "
                    "change.\n\n"
                    "That takes nothing away from what was done to somebody. It is how we keep it from being done "
                    "again.",
                    exercise=Exercise.SEVERAL,
                    question="Black women on a ward wait longer for an epidural. Which of these ask about the system?",
                    options=(
                        OptionPlan(
                            "Where is it written down when a woman asks, and who sees that?",
                            "What is not written down cannot be acted on by the next shift.",
                            is_right=True,
                        ),
                        OptionPlan(
                            "Which midwife was on duty when it took longest?",
                            "This looks for a person. Another person on the same shift might have had the same wait.",
                        ),
                        OptionPlan(
                            "What do we assume when a woman is quiet, and when she is loud?",
                            "An assumption that many share is part of the system. It has a name: stereotype.",
                            is_right=True,
                        ),
                        OptionPlan(
                            "What happens to a request at handover?",
                            "At a handover things get lost, and not for everybody alike.",
                            is_right=True,
                        ),
                        OptionPlan(
                            "Why do some women not ask more clearly?",
                            "This makes it hers to solve. She has asked. How is she heard?",
                        ),
                    ),
                ),
            ),
        ),
        ModulePlan(
            "An aim that people can work towards",
            (
                PagePlan(
                    "How much, by when, for whom",
                    "“We want to improve pain relief” is a wish. Nobody disagrees with it, and nobody knows when "
                    "it has come true.\n\n"
                    "A SMART aim is specific, measurable, achievable, relevant and has a time. Put more simply, it "
                    "says how much, by when, and for whom.\n\n"
                    "For whom matters most here. An average can get better while the gap stays, or grows. So name "
                    "the women whose care is to change, and look at their figures apart.",
                ),
                PagePlan(
                    "Which of these is an aim?",
                    "Four people on one ward have each written an aim.",
                    exercise=Exercise.ONE,
                    question="Which of these says how much, by when and for whom?",
                    options=(
                        OptionPlan(
                            "Treat every woman the same",
                            "It says neither how much nor by when. And women who start with less need something "
                            "else, not the same.",
                        ),
                        OptionPlan(
                            "Make all staff do a course on bias by the end of the year",
                            "It has a time and a number. But it is about what staff do, not about what changes for "
                            "women.",
                        ),
                        OptionPlan(
                            "By 31 March, 9 in 10 Black women on our ward get the pain relief that they ask for "
                            "within 30 minutes",
                            "How much: 9 in 10 within 30 minutes. By when: 31 March. For whom: Black women on our "
                            "ward.",
                            is_right=True,
                        ),
                        OptionPlan(
                            "Reduce waits for pain relief as soon as we can",
                            "Whose waits, by how much, and when is soon?",
                        ),
                    ),
                    explanation="To know that it is achievable, the team looked first at how many it is today.",
                ),
                PagePlan(
                    "Where you stand today",
                    "Before you write “9 in 10”, count. You need no more than a few weeks, and a tally on paper "
                    "will do, without names or numbers by which somebody could be known.\n\n"
                    "Over four weeks, 40 Black women on the ward asked for pain relief. 26 of them had it within "
                    "30 minutes.",
                    exercise=Exercise.NUMBER,
                    question="How many in 100 is that?",
                    number=65,
                    tolerance=0.5,
                    unit="%",
                    hint="Divide 26 by 40, and multiply by 100.",
                    explanation="26 ÷ 40 = 0.65, and so 65 in 100. It is your baseline: what you compare with later.",
                ),
                PagePlan(
                    "Your own aim",
                    "Think of the thing that you had in mind as you began.",
                    exercise=Exercise.REFLECTION,
                    question="How much would change, by when, and for whom? Who could tell you whether that is what "
                    "matters to them?",
                ),
            ),
        ),
    ),
)
