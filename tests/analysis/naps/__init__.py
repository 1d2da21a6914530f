"""A kind of job for tests with real workers: it naps, and gives its owner one point in the end."""
