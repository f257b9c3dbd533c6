"""The report for people: what the feed holds, as one HTML page that needs nothing else."""
