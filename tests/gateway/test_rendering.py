"""Markdown is rendered, and nothing that executes survives it."""

from __future__ import annotations

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rendering import RENDERED_CHARACTERS_MAX, render

HOSTILE = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//x.test/a.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext></mtext><mglyph><style><img src=x onerror=alert(1)>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='javascript:alert(1)'></object>",
    "<embed src='javascript:alert(1)'>",
    "<form action='javascript:alert(1)'><button>x</button></form>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<a href='javascript:alert(1)'>x</a>",
    "<base href='javascript:/'>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href='javascript:alert(1)'>",
    "<style>@import 'javascript:alert(1)';</style>",
    "<div style='background:url(javascript:alert(1))'>x</div>",
    "<p onclick='alert(1)'>x</p>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x]( javascript:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;avascript&colon;alert(1))",
    "[x](javascript&Tab;:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](file:///etc/passwd)",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+)",
    '![x" onerror="alert(1)](https://x.test/a.png)',
    '![x](https://x.test/a.png "title" onerror="alert(1)")',
    '[x](https://x.test "a\\" onmouseover=\\"alert(1)")',
    '[x](https://x.test/"onmouseover="alert(1))',
    "<javascript:alert(1)>",
    "<data:text/html,<script>alert(1)</script>>",
    "[x]: javascript:alert(1)\n\n[x]",
    '```"><script>alert(1)</script>\ncode\n```',
    '``` x" onmouseover="alert(1)\ncode\n```',
    "```html\n<script>alert(1)</script>\n```",
    "`<script>alert(1)</script>`",
    "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php system('id') ?>",
    "\x00<script>alert(1)</script>",
    "<scr\x00ipt>alert(1)</scr\x00ipt>",
]
ALLOWED_TAGS = set("a blockquote br code del em h1 h2 h3 h4 h5 h6 hr img li ol p pre s strong".split())
ALLOWED_TAGS |= set("table tbody td th thead tr ul".split())
ALLOWED_ATTRIBUTES = {"href", "title", "rel", "src", "alt", "start", "class"}


class Judge(HTMLParser):
    """Fails on whatever could be executed, reading as a browser would rather than by patterns."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED_TAGS, tag
        for name, value in attrs:
            assert name in ALLOWED_ATTRIBUTES, name
            if name in ("href", "src"):
                scheme, colon, _ = (value or "").partition(":")
                relative = not colon or any(sign in scheme for sign in "/?#")
                assert relative or scheme in ("http", "https", "mailto"), value
            if name == "class":
                assert tag == "code"
                assert (value or "").startswith("language-")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


def judge(html: str) -> None:
    parser = Judge(convert_charrefs=True)
    parser.feed(html)
    parser.close()


@pytest.mark.parametrize("markdown", HOSTILE)
def test_nothing_executable_survives(markdown: str) -> None:
    judge(render(markdown))
    judge(render(f"> * {markdown}\n\ntext"))


PIECES = [
    "<",
    ">",
    '"',
    "'",
    "[",
    "]",
    "(",
    ")",
    "!",
    "`",
    "\n",
    " ",
    "javascript:",
    "script",
    "onerror=",
    "a",
    "&#x6A;",
    "\\",
]


@given(st.lists(st.sampled_from([*PIECES, *HOSTILE]), max_size=20).map("".join) | st.text(max_size=200))
def test_nothing_executable_survives_whatever_is_put_together(markdown: str) -> None:
    judge(render(markdown))


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("Hello *you* and **you**", "<p>Hello <em>you</em> and <strong>you</strong></p>\n"),
        ("~~old~~", "<p><s>old</s></p>\n"),
        ("```python\nx = 1\n```", '<pre><code class="language-python">x = 1\n</code></pre>\n'),
        ("a < b & c", "<p>a &lt; b &amp; c</p>\n"),
        ("3. third", '<ol start="3">\n<li>third</li>\n</ol>\n'),
        (
            "[site](https://x.test/a?b=c)",
            '<p><a href="https://x.test/a?b=c" rel="noopener noreferrer nofollow">site</a></p>\n',
        ),
        ("![pic](https://x.test/a.png)", '<p><img src="https://x.test/a.png" alt="pic"></p>\n'),
    ],
)
def test_what_people_write_is_shown(markdown: str, html: str) -> None:
    assert render(markdown) == html


def test_tables_are_shown() -> None:
    assert "<td>1</td>" in render("| a |\n|---|\n| 1 |")


@pytest.mark.parametrize("piece", ["[", "![", "*", "_", "`", "> ", "* ", "<", "[a](", "**a ", "~~", "|", "- a\n", "&"])
def test_the_longest_post_is_rendered_in_bounded_time(piece: str) -> None:
    markdown = (piece * 20_000)[:20_000]
    assert len(markdown) > RENDERED_CHARACTERS_MAX
    began = time.process_time()
    judge(render(markdown))
    assert time.process_time() - began < 5
