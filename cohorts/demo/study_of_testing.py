"""The self-study of QI workshop 2: small tests of a change, and what to measure.

It is made up for this demonstration, by the methods of the field.
"""

from cohorts.demo.study_plans import CoursePlan, ModulePlan, OptionPlan, PagePlan
from cohorts.models import CoursePage

Exercise = CoursePage.Exercise

TESTING = CoursePlan(
    slug="qi-workshop-2",
    minutes=40,
    introduction=(
        "A change that is tested on one shift with one woman costs little, and teaches a lot. This self-study "
        "shows how to plan such a test, run it, and decide what to do next.\n\n"
        "It goes best after QI workshop 1."
    ),
    modules=(
        ModulePlan(
            "Plan, do, study, act",
            (
                PagePlan(
                    "One small test",
                    "A PDSA cycle has four steps. Plan: what will you try, and what do you think will happen? Do: "
                    "try it, and note what you see. Study: compare that with what you thought. Act: adopt it, "
                    "adapt it, or let it go.\n\n"
                    "Small means small: one midwife, one shift, one woman who has agreed. You can do that "
                    "tomorrow. You do not need a policy for it.",
                    video_link="https://materials.example/one-small-test",
                    transcript=(
                        "A midwife stands in a corridor. She says: On our ward we wanted every woman to be asked "
                        "about pain in her own words. We could have written a guideline. It would have taken half "
                        "a year.\n\n"
                        "She holds up a card. She says: Instead I wrote one question on a card, and asked it on "
                        "one shift. The first woman whom I asked said: nobody has asked me that before. She also "
                        "said that the card was hard to read. So on the next shift it was larger.\n\n"
                        "On the screen: one card, one shift, one woman. Length: 1 minute."
                    ),
                ),
                PagePlan(
                    "Four steps",
                    "A team tests a card by the bed, on which a woman's request and its time are written down.",
                    exercise=Exercise.ORDER,
                    question="Put what the team does in the order of a PDSA cycle.",
                    options=(
                        OptionPlan("Agree who tries the card, when, and what they expect", "Plan."),
                        OptionPlan("Use the card on one shift, and note what happens", "Do."),
                        OptionPlan("Put what happened beside what they expected", "Study."),
                        OptionPlan("Decide: keep the card, change it, or let it go", "Act."),
                    ),
                    hint="Which of these has to be done before there is anything to compare with?",
                ),
                PagePlan(
                    "Say what you expect",
                    "It is tempting to leave out the prediction. Then whatever happens looks like what you had in "
                    "mind all along.\n\n"
                    "A prediction that turns out wrong is worth most: there your picture of the ward and the ward "
                    "itself differ, and you have just learnt where. Nobody has failed.",
                    exercise=Exercise.ONE,
                    question="Which of these is a prediction that a test can answer?",
                    options=(
                        OptionPlan(
                            "The card will make a difference",
                            "To what, and how much? Whatever happens, this could be called true.",
                        ),
                        OptionPlan(
                            "Of the next 5 women who ask, 4 will have the time of their request written down",
                            "You can count it at the end of the shift.",
                            is_right=True,
                        ),
                        OptionPlan(
                            "Colleagues will like the card",
                            "It may be so, and it is good to know. But it says nothing yet about what women get.",
                        ),
                    ),
                ),
            ),
        ),
        ModulePlan(
            "From one test to the next",
            (
                PagePlan(
                    "Whom to ask",
                    "A change that is made for women racialised as Black and without them can do harm in a new "
                    "way. Ask before you plan and after you have tried: your Maternity and Neonatal Voices "
                    "Partnership, women on the ward, colleagues who know it from both sides.\n\n"
                    "Do not ask one Black colleague to speak for everybody. Ask who would like to, give them time "
                    "for it that is paid, and tell them afterwards what became of what they said.",
                    exercise=Exercise.SEVERAL,
                    question="The team plans its second test. What of this helps?",
                    options=(
                        OptionPlan(
                            "Ask the women of the first test what the card was like for them",
                            "They know what the team cannot see.",
                            is_right=True,
                        ),
                        OptionPlan(
                            "Ask the only Black midwife on the ward to check it, after her shift",
                            "That makes it her work, unpaid, because of how she is racialised.",
                        ),
                        OptionPlan(
                            "Tell those who gave their view what was changed because of it",
                            "It shows that it counted. They may tell you more next time.",
                            is_right=True,
                        ),
                        OptionPlan(
                            "Test it with a woman who needs an interpreter, and with the interpreter",
                            "What works for some only can widen a gap. Better to find that out now.",
                            is_right=True,
                        ),
                    ),
                ),
                PagePlan(
                    "Adopt, adapt or abandon",
                    "At the end of a cycle you decide. Adopt: it did what you expected, so try it on more shifts. "
                    "Adapt: it did some of it, so change one thing and test again. Abandon: it did not help, so "
                    "let it go, and write down why, for whoever has the same idea next year.\n\n"
                    "In the second test 5 women asked. For 2 of them the time was written down; on the night shift "
                    "nobody could find a pen.",
                    exercise=Exercise.ONE,
                    question="What would you do next?",
                    options=(
                        OptionPlan(
                            "Tell the night shift to take it more seriously",
                            "They could not find a pen. That is not about how serious they are.",
                        ),
                        OptionPlan(
                            "Adapt: fix a pen to the card, and test it on two more night shifts",
                            "One thing is changed, so you will know what made the difference.",
                            is_right=True,
                        ),
                        OptionPlan(
                            "Abandon: it has not worked",
                            "It could not be tried yet where it was needed. You have learnt what is in the way.",
                        ),
                        OptionPlan(
                            "Adopt: bring it to all wards next week",
                            "What is lost on one night shift here would be lost on every ward.",
                        ),
                    ),
                ),
                PagePlan(
                    "Measures that keep you honest",
                    "An outcome measure says whether the aim is met: how many Black women have pain relief within "
                    "30 minutes. A process measure says whether the change takes place: how many requests have "
                    "their time on the card. A balancing measure says what it costs elsewhere: how long others "
                    "wait meanwhile.\n\n"
                    "On Monday 8 women asked, and 6 times were written down. On Tuesday it was 9 of 12.",
                    exercise=Exercise.NUMBER,
                    question="Of both days together, how many in 100 requests had their time on the card?",
                    number=75,
                    tolerance=0.5,
                    unit="%",
                    hint="Add up both days first: how many asked, and how many times were written down?",
                    explanation="6 + 9 = 15 of 8 + 12 = 20, and so 75 in 100.",
                ),
            ),
        ),
    ),
)
