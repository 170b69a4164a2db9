"""Other correct ways to solve each exercise: the tests must accept all of them."""
