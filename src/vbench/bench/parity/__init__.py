"""Where two pipelines part, and why."""
