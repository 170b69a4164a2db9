"""How the exercises of unit 1 are judged."""
