"""What is claimed, measured: each module prints a table and can write it into its page."""
