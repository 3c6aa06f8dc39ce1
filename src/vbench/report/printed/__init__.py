"""The PDF: a few pages for those who decide."""
