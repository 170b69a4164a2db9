"""A tiny answer key: the engine has to work with any, not just with the course's."""
