"""How the exercise of unit 0 is judged: for nothing, but by the same machinery as all others."""
