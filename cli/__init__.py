"""The command ``axmac``."""
