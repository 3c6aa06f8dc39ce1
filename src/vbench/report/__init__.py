"""A finished run, told to people and to CI.

Everything here reads the run folder alone: no video, no model. jinja2 and weasyprint load with the
modules that need them, not with this package.
"""
