"""What good data is: four families of rules (đúng, đủ, sạch, sống) in tables, run by Great Expectations."""
