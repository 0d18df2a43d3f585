"""``python -m kibble.runtime`` is the ``kibble`` command."""

from kibble.runtime.cli import main

main()
