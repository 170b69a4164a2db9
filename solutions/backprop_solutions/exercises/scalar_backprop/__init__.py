"""How the exercises of unit 3 are judged."""
