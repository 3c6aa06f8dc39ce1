"""`python -m vbench` is the same as the `vbench` command."""

from vbench.cli.main import main

if __name__ == "__main__":
    main()
