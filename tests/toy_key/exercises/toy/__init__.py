"""How the toy exercises are judged."""
