"""The checker of the image and of the manifests: ``python -m deploy.checking``, which is ``make k8s-check``.

No cluster is asked. Every overlay is rendered by kubectl as ``kubectl apply -k`` would render it, together with what
``samverka network write`` gives a cluster for that region, and then held against two things: the schemas of Kubernetes,
and what this project's code says of itself (settings, ports, health, bounds), which no schema knows.

kubectl    the program that renders, and where it comes from
resources  what was rendered, and the questions that are asked of it
rendering  the overlays of a repository, each with what its region is given
schemas    Kubernetes' own schemas, of the oldest release that is promised and of the newest
crds       the same for the kinds that operators bring
reaching   who may connect to whom, by the network policies
image      what the Containerfile says
rules/     what must be so, a file for each subject; each yields the faults that it finds, in words
running    all of it
"""
