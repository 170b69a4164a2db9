"""How the exercises of unit 10 are judged."""
