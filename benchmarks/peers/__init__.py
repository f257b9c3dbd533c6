"""The peers: each file is a program of its own, written as its library's documentation shows."""
