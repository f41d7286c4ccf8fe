"""What several techniques share: settings, and what they look at."""
