"""Attacks on the grading, each a submission: what it gains under stock nbgrader, and here."""
