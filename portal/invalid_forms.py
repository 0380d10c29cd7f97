"""A form that was not taken is answered by 422, on the pages of packages as on our own."""

from django.forms import BaseForm
from django.http import HttpRequest
from django.template.response import SimpleTemplateResponse
from django.utils.deprecation import MiddlewareMixin

INVALID = 422


class SayInvalid(MiddlewareMixin):
    """Middleware that gives status 422 to a page which shows a form again because of what was sent in it.

    allauth's views answer 200 to that, which tells a browser, a log and a monitor that all is well.
    """

    def process_template_response(
        self, request: HttpRequest, response: SimpleTemplateResponse
    ) -> SimpleTemplateResponse:
        """Look at the forms that the page shows."""
        shown = (response.context_data or {}).values()
        if response.status_code == 200 and any(isinstance(form, BaseForm) and form.errors for form in shown):
            response.status_code = INVALID
        return response
