"""What the notebooks bring along: explorers (figures that answer to a hand) and data."""
