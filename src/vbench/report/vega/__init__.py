"""Charts as Vega-Lite specifications: drawn once as SVG, and again, interactive, in the page."""
