"""The small web application: a live preview now; pages that take input come with their issues."""
