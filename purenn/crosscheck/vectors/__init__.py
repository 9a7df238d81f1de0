"""The questions and the right answers as files, for tests in languages other than Python."""
