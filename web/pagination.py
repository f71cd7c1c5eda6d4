"""Lists of the API come in pages that stay right while rows are added."""

from rest_framework.pagination import CursorPagination


class CursorPages(CursorPagination):
    """Newest first, 50 a page; `?page_size=` up to 200, `next` and `previous` are addresses."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
