"""`python -m artgen` is `artgen`."""

from artgen.cli import main

main()
