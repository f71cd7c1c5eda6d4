"""Markdown as people of GitHub write it, made into HTML that is safe on our pages.

The source is kept as it was written; this is only how it is shown. Two guards stand one behind the
other: the parser passes a few harmless tags and shows all others as text (so that `in <module>` of
a traceback is read and not swallowed), and nh3 keeps only what is on its list.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from typing import Any

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.tasklists import tasklists_plugin

LONGEST = 65_536
"""Characters that are read as Markdown, as on GitHub; a longer text is shown as it stands."""

_RAW_TAGS = frozenset({"br", "code", "del", "details", "em", "hr", "ins", "kbd", "pre", "strong"})
_RAW_TAGS |= {"sub", "summary", "sup"}
_TAGS = _RAW_TAGS | {"a", "blockquote", "h3", "h4", "h5", "h6", "li", "ol", "p", "s"}
_TAGS |= {"table", "tbody", "td", "th", "thead", "tr", "ul"}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "ol": {"start"},
    "pre": {"tabindex"},
}
_CLASSES = {"td": {"n"}, "th": {"n"}}
_TAG = re.compile(r"<(?!!--)(?:/?([A-Za-z][A-Za-z0-9-]*))?")


@lru_cache(maxsize=256)
def render(text: str) -> SafeString:
    """HTML of Markdown text, from anybody: sanitised, without images, of bounded work."""
    if len(text) > LONGEST:
        return mark_safe(f'<pre tabindex="0">{escape(text)}</pre>')  # noqa: S308 -- escaped
    clean = nh3.clean(
        _PARSER.render(text),
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener",
    )
    return mark_safe(clean)  # noqa: S308 -- nh3 has cleaned it


class _Renderer(RendererHTML):
    """Where our pages differ from the parser's own HTML."""

    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        """A link in place of a picture: pages load nothing from elsewhere."""
        source = str(tokens[idx].attrs.get("src", ""))
        words = tokens[idx].content or source
        return f'<a href="{escape(source)}">{escape(words)}</a>'

    def heading_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f"<{_heading(tokens[idx])}>"

    def heading_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f"</{_heading(tokens[idx])}>\n"

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f'<pre tabindex="0"><code>{escape(tokens[idx].content)}</code></pre>\n'

    code_block = fence

    def td_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        """A right-aligned column is one of numbers; inline styles are none of ours."""
        is_number = "right" in str(tokens[idx].attrs.get("style", ""))
        return f"<{tokens[idx].tag} class=n>" if is_number else f"<{tokens[idx].tag}>"

    th_open = td_open

    def html_inline(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        content = tokens[idx].content
        if content.startswith('<input class="task-list-item-checkbox"'):
            return "☑" if "checked" in content else "☐"
        return _raw(content)

    def html_block(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return _raw(tokens[idx].content)


def _heading(token: Token) -> str:
    """Below the page's own h1 and h2."""
    return f"h{min(6, int(token.tag[1]) + 2)}"


def _raw(html: str) -> str:
    """The tags that we know, and every other one as text."""
    return _TAG.sub(lambda tag: tag[0] if _is_known(tag[1]) else f"&lt;{tag[0][1:]}", html)


def _is_known(name: str | None) -> bool:
    return name is not None and name.lower() in _RAW_TAGS


def _parser() -> MarkdownIt:
    parser = MarkdownIt("gfm-like", {"html": True}, renderer_cls=_Renderer)
    assert parser.linkify is not None  # gfm-like has it
    parser.linkify.set({"fuzzy_link": False})  # else main.py is a host of Paraguay
    return parser.use(tasklists_plugin)


_PARSER = _parser()
