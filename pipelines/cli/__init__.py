"""The command line: a file for each noun, and `show/` for what is printed."""
