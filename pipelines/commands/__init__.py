"""The command line's groups, a file a noun; `pipelines.cli` puts them together."""
