"""What a person sees of each verb: tables, bars and sentences on the terminal."""
