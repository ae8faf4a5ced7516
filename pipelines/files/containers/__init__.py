"""What a file really is, whatever it is called: archives, compressed files, Office packages, unpacked within bounds."""
