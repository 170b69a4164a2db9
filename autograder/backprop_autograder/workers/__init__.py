"""Processes that run a submission: isolated, warm, and never believed."""
