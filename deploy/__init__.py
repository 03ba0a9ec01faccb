"""How Samverka is put on a cluster: the image's Containerfile, the manifests in ``k8s``, and what checks both."""
