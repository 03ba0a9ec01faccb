"""The rules of searching, without any I/O: words, languages, queries, snippets and cursors."""
