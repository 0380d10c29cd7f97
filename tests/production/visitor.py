"""Somebody at a browser, as far as the reverse proxy sees them: cookies, forms and redirects."""

import re
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

from tests.production.debian import wait_until
from tests.production.deployment import HOST, Answer, Deployment


class Visitor:
    """One browser, which keeps its cookies."""

    def __init__(self, here: Deployment) -> None:
        """Open the browser."""
        self._here = here
        self._cookies: dict[str, str] = {}

    def get(self, path: str) -> Answer:
        """Open a page, following redirects."""
        answer = self._ask(path)
        while answer.status in {301, 302, 303}:
            answer = self._ask(self._led_to(answer))
        return answer

    def send(self, path: str, **fields: str) -> str:
        """Fill in the form on the page at `path` and send it; return where that leads."""
        page = self.get(path).body.decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token, page
        answer = self._ask(path, method="POST", body=urlencode({"csrfmiddlewaretoken": token[1], **fields}))
        assert answer.status == 302, answer.body.decode()
        return self._led_to(answer)

    def sign_in(self, address: str) -> str:
        """Sign in by the code that is mailed; return where that leads."""
        before = len(self._here.sink.to(address))
        confirm = self.send("/accounts/login/", login=address)
        wait_until(lambda: len(self._here.sink.to(address)) > before, "the code arrives")
        text = self._here.sink.to(address)[-1].get_body(("plain",))
        assert text
        code = re.search(r"^([A-Z0-9]{3,}(?:-[A-Z0-9]+)*)\s*$", text.get_content(), re.MULTILINE)
        assert code, text.get_content()
        return self.send(confirm, code=code[1])

    def _ask(self, path: str, *, method: str = "GET", body: str = "") -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body:
            # A browser says where a form stood; over https, Django asks for it.
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": f"https://{HOST}",
                "Referer": f"https://{HOST}{path}",
            }
        answer = self._here.ask(path, method=method, headers=headers, body=body)
        for line in answer.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self._cookies.pop(name, None)
                    continue
                assert morsel["secure"], f"{name} would go over plain http"
                self._cookies[name] = morsel.value
        return answer

    def _led_to(self, answer: Answer) -> str:
        parts = urlsplit(answer.headers["Location"])
        assert parts.netloc in {"", HOST}
        return f"{parts.path}?{parts.query}" if parts.query else parts.path
