"""``python -m backprop_autograder`` is the command ``backprop``."""

from backprop_autograder.cli import main

if __name__ == "__main__":
    main()
