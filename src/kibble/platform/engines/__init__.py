"""The only modules that import a database or broker driver."""
