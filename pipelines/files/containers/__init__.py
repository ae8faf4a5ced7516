"""Identifies and unpacks files whatever their names say: archives, compressed files, Office packages, within bounds."""
