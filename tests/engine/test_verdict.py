"""A verdict keeps its structure on the way to the pages; its sentences are derived."""

import json

import pytest

from backprop_autograder.engine.messages import Cause
from backprop_autograder.judging.verdict import RecordError, Verdict, verdicts_of

CAUSE = Cause("square", "The entries are squared.", "is twice 3 equal to 9?")
OTHER = Cause("identity", "Nothing is multiplied.", "what is twice 3?")
WRONG = {"label": "twice a matrix", "hint": "multiply by two."}


def verdict(status, happened, **words):
    return Verdict("test_double", "double", "values", 0.0, 2.0, status, happened, **words)


@pytest.mark.parametrize(
    "given", [verdict("wrong", "got 1, expected 2", **WRONG, causes=(CAUSE, OTHER)), verdict("lost", "it hung")]
)
def test_a_verdict_survives_its_own_text(given):
    assert Verdict.from_json(json.loads(json.dumps(given.to_json()))) == given


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (verdict("passed", "all 3 cases passed"), "double (values): all 3 cases passed."),
        (verdict("lost", "it ran too long"), "double: no verdict, because it ran too long."),
        (verdict("unjudged", "the file is empty"), "Not judged: the file is empty."),
        (verdict("wrong", "got 1", **WRONG), "double: twice a matrix. Got 1.\nNext: multiply by two."),
        (
            verdict("wrong", "got 1", **WRONG, causes=(CAUSE,)),
            "double: twice a matrix. Got 1.\nLikely cause: The entries are squared. Next: is twice 3 equal to 9?",
        ),
        (
            verdict("wrong", "got 1", **WRONG, causes=(CAUSE, OTHER), either=True),
            "double: twice a matrix. Got 1.\n"
            "Likely cause, one of two: The entries are squared. Or: Nothing is multiplied.",
        ),
    ],
)
def test_the_message_is_derived_from_the_parts(given, message):
    assert given.message == message


@pytest.mark.parametrize("stored", [{"grade_id": "test_double", "message": "double: wrong."}, {}])
def test_a_record_of_an_earlier_version_is_one_line_that_says_what_to_do(stored):
    with pytest.raises(RecordError, match=r"backprop grade 01_toy --student ann --force$"):
        verdicts_of({"unit": "01_toy", "student": "ann", "verdicts": [stored]})
