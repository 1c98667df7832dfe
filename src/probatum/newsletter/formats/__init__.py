"""Every form in which an issue goes out, one file each; a file offers `write`, and the folder is the registry."""
