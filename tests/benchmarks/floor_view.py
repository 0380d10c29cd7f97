"""The bare Django view that every page is held against: session and person from PostgreSQL, ten rows rendered."""

from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.urls import path

PAGE = Engine().from_string(
    "<!doctype html><html lang='en'><title>Ten rows</title><p>{{ user.name }}</p><table>"
    "{% for row in rows %}<tr><td>{{ row.number }}</td><td>{{ row.name }}</td><td>{{ row.state }}</td></tr>"
    "{% endfor %}</table></html>"
)
ROWS = [{"number": number, "name": f"Row number {number}", "state": "Booked"} for number in range(10)]


def ten_rows(request: HttpRequest) -> HttpResponse:
    """Answer a signed-in person, and nobody else."""
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    return HttpResponse(PAGE.render(Context({"user": request.user, "rows": ROWS})))


urlpatterns = [path("", ten_rows, name="ten_rows")]
