"""Markdown from anybody becomes HTML that is safe on our pages."""

import time

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from web.markdown import LONGEST, render

SHOWN = {
    "paragraphs and emphasis": (
        "a *b* **c** ~~d~~",
        "<p>a <em>b</em> <strong>c</strong> <s>d</s></p>",
    ),
    "headings stand below those of the page": ("# a\n\n#### b", "<h3>a</h3>\n<h6>b</h6>"),
    "fenced code is kept as it is": (
        "```python\nif a < b:\n    print('&')\n```",
        "<pre tabindex=\"0\"><code>if a &lt; b:\n    print('&amp;')\n</code></pre>",
    ),
    "indented code as well": ("    a\n", '<pre tabindex="0"><code>a\n</code></pre>'),
    "a link leads away without a trace": (
        "[dask](https://dask.org 'the site')",
        '<p><a href="https://dask.org" title="the site" rel="nofollow noopener">dask</a></p>',
    ),
    "an address is a link": (
        "see https://dask.org/x_y.",
        '<p>see <a href="https://dask.org/x_y" rel="nofollow noopener">https://dask.org/x_y</a>.</p>',
    ),
    "a file name is none": ("run main.py", "<p>run main.py</p>"),
    "a picture is a link": (
        "![a graph](https://example.org/a.png)",
        '<p><a href="https://example.org/a.png" rel="nofollow noopener">a graph</a></p>',
    ),
    "a picture without words is a link as well": (
        "![](https://example.org/a.png)",
        (
            '<p><a href="https://example.org/a.png" rel="nofollow noopener">'
            "https://example.org/a.png</a></p>"
        ),
    ),
    "tasks are told by a sign": (
        "- [x] a\n- [ ] b",
        "<ul>\n<li>☑ a</li>\n<li>☐ b</li>\n</ul>",
    ),
    "numbers are aligned without style": (
        "|a|b|\n|-|-:|\n|1|2|",
        (
            '<table>\n<thead>\n<tr>\n<th>a</th>\n<th class="n">b</th>\n</tr>\n</thead>\n'
            '<tbody>\n<tr>\n<td>1</td>\n<td class="n">2</td>\n</tr>\n</tbody>\n</table>'
        ),
    ),
    "details may be folded": (
        "<details><summary>log</summary>\n\na\n\n</details>",
        "<details><summary>log</summary>\n<p>a</p>\n</details>",
    ),
    "a traceback without a fence keeps its module": (
        "in <module>\nTypeError: <class 'int'>",
        "<p>in &lt;module&gt;\nTypeError: &lt;class 'int'&gt;</p>",
    ),
    "types keep their parameters": ("List<int>", "<p>List&lt;int&gt;</p>"),
    "comments stay hidden": ("a <!-- b --> c", "<p>a  c</p>"),
    "less than is no tag": ("1 < 2", "<p>1 &lt; 2</p>"),
    "numbering may begin anywhere": ("7. a", '<ol start="7">\n<li>a</li>\n</ol>'),
}


@pytest.mark.parametrize("sentence", SHOWN)
def test_how_it_is_shown(sentence: str) -> None:
    text, html = SHOWN[sentence]
    assert render(text).strip() == html


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "<details ontoggle=alert(1) open><summary>x</summary></details>",
    "<pre style='position:fixed' class='evil' id='main'>x</pre>",
    "<svg onload=alert(1)>",
    "<iframe src=https://evil.example></iframe>",
    "<form action=/sign-out/ method=post><button>x</button></form>",
    '<input class="task-list-item-checkbox" onfocus=alert(1) autofocus>',
    "<style>body{display:none}</style>",
    "<!--><script>alert(1)</script>-->",
    "<math><mtext></p><style><img src onerror=alert(1)>",
    '<kbd title="</kbd><script>alert(1)</script>">',
    "<br/onclick=alert(1)>",
    "<a\nhref=javascript:alert(1)>x</a>",
    "`<script>`<script>",
    '<https://evil.example/" onmouseover=alert(1)>',
    "<meta http-equiv=refresh content=0>",
    "<base href=https://evil.example/>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_runs_and_nothing_is_loaded(text: str) -> None:
    html = render(text)
    tags = html.replace("&lt;", "").split("<")[1:]
    for tag in tags:
        inside = tag.split(">")[0].lower()
        assert inside.split()[0].strip("/") in ALLOWED
        assert " on" not in inside
        assert "javascript:" not in inside
        assert "data:" not in inside
        assert "style" not in inside
        assert "src" not in inside
        assert " id=" not in inside
        assert 'class="evil"' not in inside


ALLOWED = {"a", "br", "code", "pre", "p", "em", "strong", "details", "summary", "kbd"}


@given(st.text(alphabet="<>/!-abcdeimnoprst=\"'` \n*_[]()#&;:.x1", max_size=60))
def test_whatever_is_written_only_known_tags_come_out(text: str) -> None:
    for tag in render(text).split("<")[1:]:
        assert tag.strip("/").split(">")[0].split()[0] in KNOWN


KNOWN = ALLOWED | {"blockquote", "del", "h3", "h4", "h5", "h6", "hr", "ins", "li", "ol", "s"}
KNOWN |= {"sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul"}

TIRING = {
    "brackets": "[" * LONGEST,
    "pictures": "![" * (LONGEST // 2),
    "stars": "*a **a " * (LONGEST // 7),
    "addresses": "http://" * (LONGEST // 7),
    "quotes": ">" * LONGEST,
    "entities": "&" * LONGEST,
    "comments": "<!--" * (LONGEST // 4),
    "tags": "<a " * (LONGEST // 3),
    "backticks": "".join("e" + "`" * n for n in range(1, 355)),
    "a wide table": "|" + "a|" * 900 + "\n|" + "-|" * 900 + "\n" + ("|" + "b|" * 900 + "\n") * 30,
}


@pytest.mark.parametrize("sentence", TIRING)
def test_hostile_text_does_not_take_long(sentence: str) -> None:
    before = time.process_time()
    render(TIRING[sentence])
    assert time.process_time() - before < 10  # a third of a second on a quiet machine


def test_a_text_that_is_too_long_is_shown_as_it_stands() -> None:
    text = "*a*<b>" + "x" * LONGEST
    assert render(text) == f'<pre tabindex="0">*a*&lt;b&gt;{"x" * LONGEST}</pre>'


def test_templates_have_a_filter_for_it() -> None:
    template = Template("{% load markdown %}{{ text|markdown }}")
    assert template.render(Context({"text": "*a* <b>"})) == "<p><em>a</em> &lt;b&gt;</p>\n"
