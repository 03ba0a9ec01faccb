"""A simulation of the network: whole regions in one process, without sockets or waiting, and all chance from one seed.

The parts are the real ones: each region has its log in memory, and over it the services' own projections, deciders and
rpcs. What lies between them is simulated: time, the lines between regions, the services' access to their log, crashes,
clocks that are wrong, and a region that lies. When everything is healed and delivered, the regions are compared with
each other and with a reference that was kept from nothing but the answers people got (docs/adr/0012).
"""
