"""The answer key: reference implementations, exercise definitions, and other correct solutions."""
