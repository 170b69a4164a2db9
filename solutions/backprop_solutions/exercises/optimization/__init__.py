"""How the exercises of unit 7 are judged."""
