"""The country's daily quota: how many questions each tenant may ask today, and why."""
