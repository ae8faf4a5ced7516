"""The country's daily cap: how many questions each tenant may ask today, and why."""
