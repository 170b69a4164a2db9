"""What students get, and from the bytes of a submission to its verdicts."""
