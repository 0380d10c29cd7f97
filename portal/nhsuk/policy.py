"""The one script that stands inside our pages, and the hash by which the Content-Security-Policy knows it.

The design system's scripts start only where the body says that the browser can run them, and that has to be said
before the page is drawn, so that what a script will hide is never shown first. A hash opens the policy to these exact
characters alone; a nonce would let through whatever a template was made to print.

Settings import this module, so it imports nothing of Django.
"""

from base64 import b64encode
from hashlib import sha256

SUPPORTED_SNIPPET = (
    '"noModule" in HTMLScriptElement.prototype && document.body.classList.add("js-enabled","nhsuk-frontend-supported")'
)
# As a source expression for `script-src`, quotes included.
SUPPORTED_SNIPPET_HASH = f"'sha256-{b64encode(sha256(SUPPORTED_SNIPPET.encode()).digest()).decode()}'"
