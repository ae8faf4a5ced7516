"""Prints each verb's results: tables, bars and sentences on the terminal."""
