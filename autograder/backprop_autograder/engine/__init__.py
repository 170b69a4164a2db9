"""Whether an answer is right, and what to say: numpy alone, in a student's kernel as in the judge."""
