"""The instructors' table of wrong answers that nobody planted says what students read today."""

import pytest
from write_recognised import ANSWERS, GUIDE, now, page


def test_the_table_of_wrong_answers_is_up_to_date():
    text = GUIDE.read_text(encoding="utf-8")
    assert page(text) == text, "run python tests/write_recognised.py"


@pytest.mark.parametrize(("unit", "name", "what", "written", "before"), ANSWERS, ids=[a[1] for a in ANSWERS])
def test_each_of_them_is_told_a_cause(unit, name, what, written, before):
    assert now(unit, name, written).startswith("Likely cause: ")
