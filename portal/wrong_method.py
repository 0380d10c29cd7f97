"""An address that takes forms alone says so, in words, to whoever opens it from an address bar or a restored tab."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

WRONG_METHOD = 405


def say_wrong_method(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that gives Django's empty answer to a method that a view does not take a page."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != WRONG_METHOD or response.streaming or response.content:
            return response
        page = render(request, "405.html", status=WRONG_METHOD)
        page.headers["Allow"] = response.headers["Allow"]
        return page

    return answer
