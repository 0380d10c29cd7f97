"""What looks like data of patients, and what does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qi_projects.patient_data import is_nhs_number, look


def seen(text: str) -> list[str]:
    return [str(finding) for finding in look(text)]


@pytest.mark.parametrize("written", ["9434765919", "943 476 5919", "943-476-5919", "(943 476 5919)", "No:9434765919."])
def test_an_nhs_number_is_known_by_its_check_digit(written: str) -> None:
    # 9·10+4·9+3·8+4·7+7·6+6·5+5·4+9·3+1·2 = 299; 299 mod 11 = 2; 11 - 2 = 9.
    assert seen(written) == ["1 NHS number"]


@pytest.mark.parametrize(
    "written",
    ["9434765918", "94347659199", "943476591", "1111111111", "0000000000", "020 7946 0958", "£9434765"],
)
def test_other_digits_are_none(written: str) -> None:
    assert not any("NHS" in each for each in seen(written))


def test_a_check_digit_of_ten_is_no_number_and_one_of_eleven_is_nought() -> None:
    # 1·10+2·6 = 22 = 2·11, so the check digit is 11, written 0. With 3·6 instead the sum is 28 ≡ 6, and 5 checks it.
    assert is_nhs_number("1000200000")
    assert is_nhs_number("1000300005")
    # 1·10+1·2 = 12 ≡ 1: the check digit would be 10, and no last digit fits.
    assert not any(is_nhs_number(f"100000001{last}") for last in range(10))


@given(st.lists(st.integers(0, 9), min_size=9, max_size=9).filter(lambda nine: len(set(nine)) > 1))
def test_at_most_one_last_digit_makes_a_number(nine: list[int]) -> None:
    written = "".join(map(str, nine))
    assert sum(is_nhs_number(f"{written}{last}") for last in range(10)) <= 1


@pytest.mark.parametrize(
    "written",
    [
        "Jane Smith 01/02/1990",
        "Smith, Jane\t1.2.90",
        "Baby Okafor 3 Feb 2026",
        "Siân O'Neill 1990-02-01",
        "dob: 1/2/90",
        "She was born on 3rd February 1990",
    ],
)
def test_a_date_beside_a_name_is_a_date_of_birth(written: str) -> None:
    assert seen(written) == ["1 date of birth"]


@pytest.mark.parametrize(
    "written",
    [
        "By 30 September 2027",
        "We began on 01/02/2026 with the Demo Team, and looked at the board each day for two weeks",
        "14/02/2026",
        "From 4 of 10 to 9 of 10",
    ],
)
def test_a_date_of_the_work_is_none(written: str) -> None:
    assert seen(written) == []


@pytest.mark.parametrize(
    "rows",
    [
        ["Jane Smith", "Amina Khan", "Mei Li"],
        ["1. Smith, Jane", "2. Khan, Amina", "3. Li, Mei"],
        ["Bed 4\tJane Smith\t39+2", "Bed 5\tAmina Khan\t40+0", "Bed 6\tSiân O'Neill\t38+6"],
        ["Jane,Smith,12", "Amina,Khan,13", "Mei,Li,14"],
        ["• Jane Smith", "", "• Amina Khan", "", "• Mei-Ling Li"],
    ],
)
def test_three_names_under_one_another_are_a_list(rows: list[str]) -> None:
    assert seen("\n".join(rows)) == ["3 names in a list"]
    assert seen("\n".join(rows[:2])) == []


@pytest.mark.parametrize(
    "written",
    [
        "",
        "The anaesthetic team\nThe health care assistants\nOur Maternity and Neonatal Voices Partnership",
        "We asked ten colleagues.\nWe got ten answers.\nNobody counts it.",
    ],
)
def test_plain_words_are_nothing(written: str) -> None:
    assert seen(written) == []


@given(st.text(max_size=3000))
def test_any_text_can_be_looked_at(text: str) -> None:
    assert all(finding.number > 0 for finding in look(text))
