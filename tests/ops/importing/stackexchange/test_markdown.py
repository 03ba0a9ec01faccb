"""HTML becomes Markdown that reads the same, and in which nothing can be executed, whatever the HTML was."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ops.importing.stackexchange.markdown import (
    UnreadableTextError,
    escape,
    from_comment,
    from_html,
    in_parts,
    is_safe,
)
from services.chassis.text import parse_text

TAGS = [
    "p",
    "b",
    "em",
    "a",
    "pre",
    "code",
    "kbd",
    "ul",
    "ol",
    "li",
    "blockquote",
    "table",
    "tr",
    "td",
    "h1",
    "br",
    "script",
]
TEXTS = [
    *("<script>alert(1)</script>", "<iframe>", "<a href='javascript:x'>", "<!--", "-->", "]]>", "&lt;", ">"),
    *("[x](javascript:alert(1))", "![x](http://e.org/x)", "[x]: javascript:alert(1)", "<javascript:alert(1)>"),
    *("```", "`", "~~~", "\n", "\n\n", "    ", "|", "#", "- ", "1. ", "\\", "***", "text", "http://e.org/a_b"),
]


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


ELEMENTS = st.recursive(
    st.sampled_from(TEXTS).map(escaped) | st.sampled_from(TEXTS),
    lambda inner: st.tuples(st.sampled_from(TAGS), st.lists(inner, max_size=4)).map(
        lambda made: f"<{made[0]} href='javascript:x'>{''.join(made[1])}</{made[0]}>"
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(ELEMENTS)
def test_no_html_leads_to_markdown_with_tags_images_or_foreign_links(html: str) -> None:
    assert is_safe(from_html(html))


@settings(deadline=None)
@given(st.lists(st.sampled_from(TEXTS), max_size=8).map("".join) | st.text(max_size=60))
def test_no_comment_leads_to_markdown_with_tags_images_or_foreign_links(text: str) -> None:
    assert is_safe(from_comment(text))


@settings(deadline=None)
@given(ELEMENTS, st.integers(1, 40))
def test_the_parts_of_a_text_hold_all_of_it_and_are_as_safe(html: str, characters_max: int) -> None:
    whole = from_html(html)
    parts = in_parts(whole, first_characters_max=2 * characters_max, characters_max=characters_max)
    assert "".join("\n\n".join(parts).split()) == "".join(whole.split())
    assert all(map(is_safe, parts))


def test_a_text_with_any_number_of_marks_on_a_letter_is_taken_and_keeps_them() -> None:
    marked = "a" + "\u0301" * 100 + "b"
    text = from_html(f"<p>{marked}</p>")
    assert parse_text(text, field="body", characters_max=200)
    assert text.replace("\u034f", "") == marked


def test_parts_end_between_blocks_and_are_as_long_as_fits() -> None:
    text = "# h\n\n- a\n- b\n\n```\nx\n\ny\n```\n\nc\n\nd"
    parts = ["# h\n\n- a\n- b", "```\nx\n\ny\n```", "c\n\nd"]
    assert in_parts(text, first_characters_max=13, characters_max=9) == parts
    assert in_parts(text, first_characters_max=len(text), characters_max=1) == [text]


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), max_size=40))
def test_an_escaped_line_reads_as_it_was(text: str) -> None:
    html = MarkdownIt("commonmark").renderInline(escape(text))
    read = re.sub(r"<[^>]*>", "", html)
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        read = read.replace(entity, sign)
    assert read == text


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>One</p><p>Two <strong>bold</strong> and <em>leaning</em></p>", "One\n\nTwo **bold** and *leaning*"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<h2>Title</h2><p>x</p>", "## Title\n\nx"),
        ("<blockquote><p>said</p></blockquote>", "> said"),
        ('<p><a href="http://e.org/a_b(c)">here</a></p>', "[here](http://e.org/a_b%28c%29)"),
        ('<p><a href="mailto:a@e.org">mail</a></p>', "[mail](mailto:a@e.org)"),
        ("<p>see http://e.org/a_b?c=1&amp;d=2.</p>", "see <http://e.org/a_b?c=1&d=2>."),
        ('<p><img src="https://e.org/x.png" alt="a picture"></p>', "[a picture](https://e.org/x.png)"),
        ('<a href="http://e.org"><img src="http://e.org/x.png"></a>', "[image](http://e.org)"),
        ("<pre><code>if a &lt; b:\n    go()\n</code></pre>", "```\nif a < b:\n    go()\n```"),
        ("<pre><code>```\n&lt;script&gt;\n</code></pre>", "````\n```\n<script>\n````"),
        ("http://e.org/", "<http://e.org/>"),
        ("<p>use <code>a_b</code></p>", "use `a_b`"),
        ("<p>a_b * c &lt;script&gt; [x](y)</p>", "a\\_b \\* c \\<script\\> \\[x\\](y)"),
        ("<p>1. not a list</p><p># not a heading</p>", "1\\. not a list\n\n\\# not a heading"),
    ],
)
def test_what_people_write_reads_the_same(html: str, markdown: str) -> None:
    assert from_html(html) == markdown


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<script>alert(1)</script>ok", "ok"),
        ('<p onclick="x()">ok</p>', "ok"),
        ('<a href="javascript:alert(1)">ok</a>', "ok"),
        ('<a href="JaVaScRiPt:alert(1)">ok</a>', "ok"),
        ('<a href="data:text/html,x">ok</a>', "ok"),
        ('<a href="//e.org/">ok</a><a href="/q/1">too</a>', "oktoo"),
        ('<img src="x" onerror="alert(1)">ok', "imageok"),
        ("<svg onload=alert(1)></svg><iframe src='http://e.org'></iframe>ok", "ok"),
        ("<style>p{}</style><!-- hidden -->ok", "ok"),
    ],
)
def test_what_is_not_on_the_list_is_dropped(html: str, markdown: str) -> None:
    assert from_html(html) == markdown


def test_code_in_a_line_stays_in_it() -> None:
    markdown = from_html("<code>a\n&lt;script&gt;alert(1)&lt;/script&gt;</code>")
    assert markdown == "`a <script>alert(1)</script>`"


def test_code_that_breaks_out_of_its_fence_becomes_plain_text() -> None:
    markdown = from_html("<em><pre>x\n&lt;script&gt;alert(1)&lt;/script&gt;</pre></em>")
    assert is_safe(markdown)
    assert MarkdownIt("commonmark").render(markdown) == "<p>x</p>\n<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"


def test_comments_keep_their_markdown_and_lose_their_tags() -> None:
    comment = "a <b onclick=x> [l](javascript:alert(1)) [m](http://e.org) `c<x>` **d** <sigh>"
    markdown = from_comment(comment)
    assert markdown.startswith("a \\<b onclick\\=x\\> \\[l\\]")
    assert markdown.endswith("[m](http://e.org) `c<x>` **d** \\<sigh\\>")


def test_control_characters_are_dropped_and_line_ends_kept() -> None:
    assert from_html("<pre>a\x80b\n\tc\x7f</pre>") == "```\nab\n\tc\n```"


def test_text_nested_without_end_is_refused() -> None:
    with pytest.raises(UnreadableTextError):
        from_html("<b>" * 5_000 + "x")


@pytest.mark.parametrize(
    "markdown", ["<b>x</b>", "a <!-- b -->", "![x](http://e.org)", "[x](javascript:y)", "<script>", "[x](/relative)"]
)
def test_the_last_look_finds_what_must_not_be_there(markdown: str) -> None:
    assert not is_safe(markdown)
