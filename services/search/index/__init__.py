"""The index: a Tantivy directory beside the store, made of the store's rows and of nothing else.

It holds words and who may find them, not texts: those stay in the store. ``stemming`` makes words alike, ``fields`` says
what is indexed of a document, ``matching`` what a query asks of those fields, ``directory`` keeps the whole at the store.
"""
