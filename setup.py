"""Everything is in pyproject.toml; tools that only know this file find it here."""

from setuptools import setup

setup()
