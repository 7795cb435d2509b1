"""M25 The information network (信息互通网络): an extract of a matter, made for one agency and one purpose.

信访工作条例 21: information is shared "依规依法有序". An extract shares the matter and what is asked of the
agency, not the person: notify knows no petitioner. It has a legal basis, an expiry and a receipt, and it can
be recalled; what it said is destroyed at its end, that it was given stays on file.
"""
