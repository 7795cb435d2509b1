"""M3, 检举控告工作规则 15: what concerns the head or belongs to a higher organ leaves unopened.

Only number, date and who handed it over are kept: there is no field for the content, and no event of it.
"""
