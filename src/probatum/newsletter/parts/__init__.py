"""What formats are made of: frames of pages, rows of sheets, items of feeds, graphs of runs."""
