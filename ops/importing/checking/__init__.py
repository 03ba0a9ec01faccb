"""Whether what came in is what the source holds, asked as a reader would ask: through GraphQL, in every region.

``contents`` is what is compared and how two of them differ; a source's folder counts its own (``stackexchange.counting``),
``reading`` reads a region's, ``comparing`` asks every region and gives late content time to come, ``report`` shows.
"""
