"""Working stand-ins for exercises, one module for each unit, all in one place.

Explorers run them until a student's own function is there; a later unit is given what earlier ones built. They are
written in another way than the answers, and tests compare the two.
"""
