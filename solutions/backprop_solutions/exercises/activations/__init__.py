"""How the exercises of unit 8 are judged."""
