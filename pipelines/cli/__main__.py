"""`python -m pipelines.cli`: the same as `sachsong`."""

from pipelines.cli import main

main()
