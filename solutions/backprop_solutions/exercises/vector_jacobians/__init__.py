"""How the exercises of unit 4 are judged."""
