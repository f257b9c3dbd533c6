"""What this project costs beside its peers, measured on the replica. See README.md here."""
