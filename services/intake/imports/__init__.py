"""Bulk import of petitions from the spreadsheets that real offices keep (M1).

The pure part reads a file as a stream of rows (`sheets`), matches its columns (`columns`), cleans its
cells (`cells`) and writes what was refused into a file that can be mended and sent again (`report`).
"""
