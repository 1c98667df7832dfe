"""The words of the command line, one file each; a file offers `command`, and the folder is the registry."""
