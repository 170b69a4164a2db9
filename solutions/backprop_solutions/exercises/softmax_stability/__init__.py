"""How the exercises of unit 5 are judged."""
