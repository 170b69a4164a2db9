"""How the exercises of unit 2 are judged."""
