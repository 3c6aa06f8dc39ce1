"""The HTML report: what each section shows, gathered before a template sees it."""
