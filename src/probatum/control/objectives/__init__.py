"""What the critics of each method are fitted to, and where its reward comes from: the mathematics alone."""
