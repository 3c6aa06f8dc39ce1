"""The run folder: ``run.json``, the golden set as seen, and Parquet shards.

pyarrow and pydantic load with the modules that need them, not with this package.
"""
