"""Numba kernels on plain arrays; numba is imported nowhere else."""
