"""What the network service does by itself: whenever something is pending, then a command.

Any replica may do it. What is pending follows from the projection, and a command is a conditional append, so it
happens once however many replicas try and whichever of them is killed (docs/adr/0014).
"""
