"""A real JupyterHub with accounts of its own, driven by a real browser."""
