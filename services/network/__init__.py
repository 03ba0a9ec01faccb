"""The network: how the regions are linked, how far each has come with the others, and the erasure of people everywhere.

Every region runs this service. It alone touches the log's sources, and it alone purges; the other services append and read.
"""
