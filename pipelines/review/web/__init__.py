"""The review pages, rendered on the server; the only place that imports the web framework."""
