"""How the exercises of unit 6 are judged."""
