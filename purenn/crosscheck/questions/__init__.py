"""The questions: networks with an example or a few."""
