"""How the exercises of unit 9 are judged."""
