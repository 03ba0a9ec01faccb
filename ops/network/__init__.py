"""The network of regions: from one description, what each region's operator is given.

description   what stands in network.toml, and every fault in it
editing       adding and removing a region in it, comments kept
keyring       the seeds of a directory, and which public keys each server takes while they are changed
certificates  the development authority, and what it signs
preparing     all files that the description asks for
changes       how they differ from what lies in the directory, in words
writing       putting them there, once nats-server has taken every configuration
local         what a running ``samverka up`` is asked
command       ``samverka network``

The later region of a link dials the earlier one. So a region that is added at the end dials all others, and they only
read their accounts again. A region's directory holds what that region needs and no secret of another: the seeds of its
own users, the seeds of the links it dials, the public keys of those it accepts, and its certificate. What is for nobody's
hands (the authority's key) lies in ``_network``, which cannot be the name of a region.
"""
