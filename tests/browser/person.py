"""A person at a browser: what they do, what they see, and what is checked of every page that they come to.

Every page is put before axe, may send requests to the portal alone, may not raise an error on the console, and may not
be wider than its window.
"""

import os
import re
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Locator, Page, Request, expect

from portal.about import COOKIES
from portal.accounts.models import User
from tests.browser.running_portal import ROOT

AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FIND_TROUBLE = """async ([rules, preload]) => {
    const runOnly = { type: "tag", values: rules };
    const found = await axe.run(document, { runOnly, preload, resultTypes: ["violations"], selectors: false });
    const said = found.violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html).join(" | ")}`);
    return [said, document.documentElement.scrollWidth];
}"""
# Chromium's own note that a page came with one of the statuses by which we refuse.
REFUSED = re.compile(r"Failed to load resource: the server responded with a status of (403|404|409|410|422) ")
# Where to put a picture of every page that is visited, for people to look at.
SCREENSHOTS = os.environ.get("PORTAL_SCREENSHOTS")


class Hand(Protocol):
    """How somebody works a page."""

    width: int

    def press(self, page: Page, target: Locator) -> None:
        """Follow a link or press a button."""

    def choose(self, page: Page, target: Locator) -> None:
        """Select a radio button or a checkbox."""

    def type(self, page: Page, target: Locator, text: str) -> None:
        """Fill a text field in."""


class Mouse:
    """Mouse and a wide screen."""

    width = 1280

    def press(self, page: Page, target: Locator) -> None:
        """Click it."""
        target.click()

    def choose(self, page: Page, target: Locator) -> None:
        """Click it."""
        target.check()

    def type(self, page: Page, target: Locator, text: str) -> None:
        """Click into it and type."""
        target.fill(text)


class Finger(Mouse):
    """A finger on a phone."""

    width = 320


class Keyboard:
    """The keyboard alone, on a narrow screen: whatever is reached is reached by Tab from where one is."""

    width = 320
    MOST_STEPS = 150

    def press(self, page: Page, target: Locator) -> None:
        """Go to it and press Enter."""
        self.go_to(page, target)
        page.keyboard.press("Enter")

    def choose(self, page: Page, target: Locator) -> None:
        """Go to it; a radio button is reached by the arrows of its group."""
        if target.get_attribute("type") != "radio":
            self.go_to(page, target)
            page.keyboard.press("Space")
            return
        group = page.locator(f"input[type=radio][name='{target.get_attribute('name')}']")
        checked = group.and_(page.locator(":checked"))
        self.go_to(page, checked if checked.count() else group.first)
        page.keyboard.press("Space")
        for _ in range(group.count()):
            if target.is_checked():
                return
            page.keyboard.press("ArrowDown")
        raise AssertionError(f"The arrows do not reach {target}.")

    def type(self, page: Page, target: Locator, text: str) -> None:
        """Go to it and type."""
        self.go_to(page, target)
        page.keyboard.press("Control+A")
        page.keyboard.type(text)

    def go_to(self, page: Page, target: Locator) -> None:
        """Press Tab until the focus is there, and see that what has it can be seen."""
        expect(target).to_have_count(1)
        for _ in range(self.MOST_STEPS):
            if target.evaluate("element => element === document.activeElement"):
                expect(target).to_be_in_viewport()
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {target}.")


class Person:
    """Somebody who uses the portal in a browser window of their own."""

    def __init__(self, context: BrowserContext, hand: Hand, origin: str) -> None:
        """Open an empty window."""
        self.hand = hand
        self.origin = origin
        self.context = context
        # To read a sheet that imports another, axe writes it into the page, which the policy refuses.
        self.reads_style_sheets = True
        # axe's rules that a package's own templates break, where we cannot mend them.
        self.not_ours: frozenset[str] = frozenset()
        self.trouble: list[str] = []
        self.visited: list[str] = []
        context.add_init_script(AXE)  # with each page: to send it at each look would take as long as to look
        context.on("request", self._note_request)
        context.on("console", self._note_console)
        context.on("weberror", lambda error: self.trouble.append(f"A script failed: {error.error}"))
        self.page = context.new_page()

    # --- What they do

    def is_signed_in(self, user: User) -> None:
        """Be somebody who signed in earlier."""
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        self.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self.origin}])

    def is_signed_in_with_a_second_step(self, user: User) -> None:
        """Be somebody who signed in earlier, and proved in a second way who they are."""
        self.secret = generate_totp_secret()
        TOTP.activate(user, self.secret)
        self.is_signed_in(user)

    def proves_again(self, heading: str) -> None:
        """Enter the code of one's authenticator app, and arrive."""
        _, now, _ = yield_hotp_counters_from_time()
        self.types("Code", format_hotp_value(hotp_value(self.secret, now)))
        self.presses("Continue", heading)

    def opens(self, address: str, heading: str) -> None:
        """Open an address of the portal, whole or as a path, and arrive at a page with this heading."""
        self.page.goto(address if "://" in address else self.origin + address)
        self.arrives_at(heading)

    def follows(self, name: str, heading: str, *, nth: int | None = None) -> None:
        """Follow the link whose name begins so, and arrive."""
        self.hand.press(self.page, self._one(self.page.get_by_role("link", name=_beginning(name)), nth))
        self.arrives_at(heading)

    def turns_to(self, name: str) -> None:
        """Follow a link of the menu, which on a narrow screen has to be opened for it, to the page of that name."""
        link = self.page.get_by_role("navigation", name="Menu").get_by_role("link", name=name, include_hidden=True)
        if not link.is_visible():
            self.hand.press(self.page, self.page.get_by_role("button", name="Browse More"))
        self.hand.press(self.page, link)
        self.arrives_at(name)

    def presses(self, name: str, heading: str) -> None:
        """Press a button, and arrive."""
        self.hand.press(self.page, self.page.get_by_role("button", name=name, exact=True))
        self.arrives_at(heading)

    def chooses(self, name: str, *, group: str | None = None) -> None:
        """Select a radio button or checkbox; `group` is the legend that it stands under."""
        within: Page | Locator = self.page.get_by_role("group", name=group) if group else self.page
        self.hand.choose(self.page, within.get_by_label(name, exact=True))

    def types(self, label: str, text: str) -> None:
        """Fill a text field in."""
        self.hand.type(self.page, self.page.get_by_label(_beginning(label)), text)

    def downloads(self, name: str) -> str:
        """Follow a link to a file of text, and return what is in it."""
        return self.downloads_bytes(name).decode()

    def downloads_bytes(self, name: str) -> bytes:
        """Follow a link to a file of any kind, and return what is in it."""
        with self.page.expect_download() as coming:
            self.hand.press(self.page, self.page.get_by_role("link", name=name))
        return coming.value.path().read_bytes()

    # --- What they see

    def arrives_at(self, heading: str) -> None:
        """Be on a page with this heading, which nothing is wrong with."""
        expect(self.page.locator("h1")).to_contain_text(heading)
        self.page.wait_for_load_state("load")
        self.visited.append(heading)
        self.finds_nothing_wrong()

    def sees(self, *words: str) -> None:
        """See each of these words."""
        for word in words:
            expect(self.page.locator("body")).to_contain_text(word)

    def does_not_see(self, words: str) -> None:
        """See these words nowhere."""
        expect(self.page.locator("body")).not_to_contain_text(words)

    def sees_task(self, title: str, status: str) -> None:
        """See a task of the task list with this status."""
        task = self.page.locator(".nhsuk-task-list__item").filter(has_text=title)
        expect(task.locator(".nhsuk-task-list__status")).to_have_text(status)

    def is_told_what_to_put_right(self, message: str) -> None:
        """See the error in the title, in the summary and beside its field, and be led to the field by the link."""
        assert self.page.title().startswith("Error: "), self.page.title()
        summary = self.page.locator(".nhsuk-error-summary")
        expect(summary).to_be_focused()
        expect(self.page.locator(".nhsuk-error-message").filter(has_text=message)).to_have_count(1)
        link = summary.get_by_role("link", name=message)
        self.hand.press(self.page, link)
        target = self.page.locator(str(link.get_attribute("href")))
        expect(target).to_be_focused()
        expect(target).to_have_attribute("aria-invalid", "true")

    # --- What is checked everywhere

    def finds_nothing_wrong(self) -> None:
        """Put the page before axe, and look at its width, its requests, its cookies and the console."""
        everything, width = self._put_before_axe()
        found = [trouble for trouble in everything if trouble.partition(":")[0] not in self.not_ours]
        if width > self.hand.width:
            found.append(f"The page is {width} pixels wide in a window of {self.hand.width}.")
        unnamed = {str(cookie["name"]) for cookie in self.context.cookies()} - {name for name, *_ in COOKIES}
        found += [f"The page about cookies does not name {name}." for name in sorted(unnamed)]
        if SCREENSHOTS:
            self._take_screenshot(Path(SCREENSHOTS))
        assert not found + self.trouble, (self.page.url, found + self.trouble)

    def _put_before_axe(self) -> tuple[list[str], int]:
        """Return what axe finds, and how wide the page is.

        Where the page goes meanwhile, the one that comes is looked at, as was meant: what was pressed may have led on
        from a page whose heading has the words of the next one's, or the same.
        """
        for left in reversed(range(10)):
            try:
                found, width = self.page.evaluate(FIND_TROUBLE, [RULES, self.reads_style_sheets])
                break
            except Error as gone:
                if left == 0 or "Execution context was destroyed" not in gone.message:
                    raise
                self.page.wait_for_load_state("load")
        return found, width

    def _take_screenshot(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^a-z0-9]+", "-", self.page.title().lower()).strip("-")[:60]
        for number in count(1):
            picture = folder / f"{name}-{self.hand.width}-{number}.png"
            with suppress(FileExistsError):
                picture.touch(exist_ok=False)  # another worker may be about to take the same number
                break
        self.page.screenshot(path=picture, full_page=True)

    def _note_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme != "data" and f"{address.scheme}://{address.netloc}" != self.origin:
            self.trouble.append(f"A request went to {request.url}.")

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not REFUSED.match(message.text):
            self.trouble.append(f"On the console: {message.text}")

    def _one(self, found: Locator, nth: int | None) -> Locator:
        return found if nth is None else found.nth(nth)


def _beginning(name: str) -> re.Pattern[str]:
    return re.compile(rf"^\s*{re.escape(name)}")
