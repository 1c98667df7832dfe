"""One file a method of learning from success examples; each says what its critics are fitted to."""
