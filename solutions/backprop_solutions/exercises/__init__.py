"""How each exercise is judged: cases, aspects and misconceptions, one module per unit."""
