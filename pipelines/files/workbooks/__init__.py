"""Reads workbooks' sheets by two independent readers in a child process.

One reader (calamine) gives the cells, the other (the survey: a walk over the XML, or xlrd) says where cells hold
something. This package imports nothing of `pipelines.read`, whose imports would make the process slow to start.
"""
