"""What every template is given."""

from django.http import HttpRequest

from portal.nhsuk.layout import Layout


def layout(request: HttpRequest) -> dict[str, Layout]:
    """Give the page layout what it shows. Pages that run without sign-in middleware get the layout for anyone."""
    return {"layout": Layout(getattr(request, "user", None), request.path)}
