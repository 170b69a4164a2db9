"""Source notebooks in their normal form, new exercises in them, and the tests of the tests."""
