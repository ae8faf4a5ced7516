"""Who is who: blocking, comparing, scoring and deciding."""
