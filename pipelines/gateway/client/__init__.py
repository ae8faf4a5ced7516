"""The client: asks the registry's gateway, over HTTP or within this process."""
