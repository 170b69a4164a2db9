"""What people read: feedback, reports, explanations, the site."""
