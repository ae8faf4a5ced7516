"""What a machine lacks to run a night: each finding with its remedy. Nothing is changed, nothing is made."""
