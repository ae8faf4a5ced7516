"""What an auditor runs: the manifest, checksums again, the account of rows."""
