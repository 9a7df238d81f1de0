"""The answers: what a program or a function gives, in whatever layout, made into one form."""
