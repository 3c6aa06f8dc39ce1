"""What the page's scripts know of a run, as JSON: `contract` says what is in it."""

from vbench.report.page_data.build import page_data
from vbench.report.page_data.contract import PageData, json_text
from vbench.report.page_data.frame_records import frame_record

__all__ = ["PageData", "frame_record", "json_text", "page_data"]
