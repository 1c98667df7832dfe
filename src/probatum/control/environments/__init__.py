"""What a learner acts in: environments, their spaces, and the lanes in which they run side by side."""
