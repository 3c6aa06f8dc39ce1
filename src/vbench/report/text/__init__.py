"""The same report as text: console, Markdown, JSON, CSV."""
