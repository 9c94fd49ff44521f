"""A reader of a tutorial in a real Chromium: finds what the tutorial names by its role and its exact word, and nothing else."""

import json
import os
import time
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

# A tutorial's words, Chinese and English. Where only one edition has a word, the other is the console's own.
WORDS = {}


def words(table):
    """Adds words, a pair to a line: Chinese | English."""
    for line in table.strip().splitlines():
        chinese, english = (word.strip() for word in line.split("|"))
        WORDS[chinese] = english


def best(what, took, most):
    """The best of several measurements, in ms, is at most this; on a machine that others use too, as much longer as more
    processes than processors want to run."""
    slack = max(1, os.getloadavg()[0] / os.cpu_count())
    print(f"{what}: {', '.join(f'{it:.0f}' for it in took)} ms, slack {slack:.1f}")
    assert min(took) <= most * slack, (what, took, slack)


class Chromium:
    """Debian's Chromium."""

    def __enter__(self):
        self.playwright = sync_playwright().start()
        # Nothing that it opens is anybody else's, and it may run as root.
        arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        self.browser = self.playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
        return self

    def __exit__(self, *_):
        self.browser.close()
        self.playwright.stop()


class Reader:
    """Somebody who reads a tutorial, signed in as an account in a browser (a context) of their own."""

    def __init__(self, chromium, link, language="zh", width=1280, script=True, theme="light", context=None):
        self.language = language
        self.context = context or chromium.browser.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=script,
            color_scheme=theme,
            locale="zh-CN" if language == "zh" else "en-GB",
        )
        self.script = script
        self.page = self.context.new_page()
        self.page.set_default_timeout(8000)
        self.faults = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda told: told.type == "error" and "422" not in told.text and self.faults.append(told.text))
        if link:
            self.base = link.split("/in?")[0]
            self.page.goto(link)
            self.page.wait_for_url(self.base + "/")

    def go(self, path):
        self.page.goto(self.base + path)

    def word(self, chinese):
        return chinese if self.language == "zh" else WORDS[chinese]

    def one(self, word, roles, within=None):
        """The one thing that is seen with this exact name in one of these roles."""
        place = within or self.page
        word = self.word(word)
        until = time.monotonic() + 6
        while True:
            for role in roles:
                found = [it for it in place.get_by_role(role, name=word, exact=True).all() if it.is_visible()]
                if found:
                    assert len(found) == 1, f"{len(found)} × {role} {word!r} on {self.page.url}"
                    return found[0]
            assert time.monotonic() < until, f"no {'/'.join(roles)} {word!r} on {self.page.url}:\n{self.text()[:1500]}"
            time.sleep(0.05)

    def text(self):
        return self.page.locator("main").inner_text()

    def menu(self, *path):
        """Clicks words of the menu at the side, one after the other."""
        nav = self.page.locator("nav").first
        for word in path:
            # On a phone it is folded.
            if self.script and self.page.locator("#fold > summary").is_visible() and not nav.locator(".groups").is_visible():
                self.page.locator("#fold > summary").click()
            self.one(word, ["link"], nav).click()
            self.page.wait_for_load_state()

    def click(self, word, within=None):
        self.one(word, ["button", "link", "tab"], within or self.page.locator("main")).click()
        self.page.wait_for_load_state()

    def within(self, text, group=None):
        """The row that says this; in it, the half of this name."""
        row = self.page.locator("main tr", has=self.page.get_by_text(text, exact=True)).first
        try:
            row.wait_for()
        except Exception:
            raise AssertionError(f"no row of {text!r} on {self.page.url}:\n{self.text()}") from None
        return row.get_by_role("group", name=self.word(group), exact=True) if group else row

    def more(self, row, menu, word):
        """Opens a row's menu, and chooses from it."""
        row.get_by_text(self.word(menu), exact=True).click()
        self.click(word, row)

    def choose(self, field, word):
        """Chooses an option of a field: of a few, or of a list."""
        option, field = (WORDS.get(word, word) if self.language == "en" else word), self.word(field)
        main = self.page.locator("main")
        group = main.get_by_role("group", name=field, exact=True)
        if group.count():
            group.get_by_role("radio", name=option, exact=True).check()
        else:
            main.get_by_role("combobox", name=field, exact=True).select_option(label=option)

    def fill(self, field, text):
        self.page.locator("main").get_by_role("textbox", name=self.word(field), exact=True).fill(text)

    def region(self, word):
        """Chooses a region in the bar."""
        bar = self.page.locator("header")
        bar.get_by_role("combobox", name=self.word("地域"), exact=True).select_option(label=self.word(word))
        if not self.script:
            bar.get_by_role("button", name="切换" if self.language == "zh" else "Go").click()
        self.page.wait_for_url("**region=**")

    def switch(self, language):
        """Clicks the other language."""
        self.page.get_by_role("button", name={"zh": "中文", "en": "English"}[language], exact=True).click()
        self.until(lambda: self.page.locator("html").get_attribute("lang").startswith(language), f"in {language}")
        self.language = language

    def alert(self, *parts):
        """What was not done is said, with its code."""
        alert = self.page.get_by_role("alert").first
        alert.wait_for()
        said = alert.inner_text()
        for part in parts:
            assert part in said, f"{part!r} is not in {said!r}"

    def sees(self, *texts, seconds=6):
        """Waits until the page shows these texts. It is the page that waits: to ask it again and again takes its processor."""
        until = time.monotonic() + seconds
        for text in texts:
            while not self.shows(text, until):
                assert time.monotonic() < until, f"{text!r} is not on {self.page.url}:\n{self.text()[:2000]}"

    def shows(self, text, until):
        if not self.script:
            time.sleep(0.05)
            return text in self.page.locator("body").inner_text()
        try:
            left = max(0, until - time.monotonic()) * 1000
            return self.page.evaluate(
                """([text, left]) => new Promise((done) => {
                    const is = () => document.body.innerText.includes(text)
                    if (is()) return done(true)
                    const watch = new MutationObserver(() => is() && done(true))
                    watch.observe(document, {childList: true, subtree: true, characterData: true, attributes: true})
                    setTimeout(() => done(is()), left)
                })""",
                [text, left],
            )
        except Error:
            # Another page came meanwhile.
            return False

    def looks_for(self, text, is_there=True):
        """Notes when the page shows this, or no longer."""
        self.until(lambda: (text in self.page.locator("main").inner_text()) != is_there, f"the page before {text!r}")
        self.page.evaluate("""([text, isThere]) => {
            window.found = null
            const look = () => { if (!window.found && document.querySelector('main').innerText.includes(text) === isThere) window.found = Date.now() }
            new MutationObserver(look).observe(document.body, {childList: true, subtree: true, characterData: true})
        }""", [text, is_there])

    def found(self):
        """When it did, in milliseconds since 1970."""
        self.until(lambda: self.page.evaluate("window.found"), "what it looks for")
        return self.page.evaluate("window.found")

    def until(self, is_so, what, seconds=8):
        """Waits until something is so."""
        until = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < until, f"not {what}: {self.page.url}\n{self.text()[:1000]}"
            time.sleep(0.02)

    def step(self, number):
        """The tutorial beside the page is at this step; None: all are done."""
        if not self.script:
            self.page.reload()
        text = {"zh": f"第{number}步", "en": f"Step {number} of"} if number else {"zh": "所有步骤均已完成", "en": "All steps are done"}
        try:
            self.sees(text[self.language])
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.page.locator('#tutorial').inner_text()}") from None

    def axe(self):
        """What axe finds wrong with the page."""
        if not self.script:
            return
        source = (Path(__import__("axe_playwright_python").__file__).parent / "axe.min.js").read_text()
        # The page's policy forbids scripts of others, also this one: it is run by the browser's own hand.
        self.page.evaluate(source)
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(it => it.violations)")
        told = [f"{it['id']}: {it['help']}: {[node['html'][:200] for node in it['nodes'][:3]]}" for it in found]
        assert not told, f"{self.page.url}:\n" + "\n".join(told)
        # Nothing lies beyond the edge of what it is in.
        beyond = self.page.evaluate("""[...document.querySelectorAll("main table, main form, aside table")].filter((it) => {
            const box = it.closest(".scroll") ?? it.closest("main, aside");
            return box && it.checkVisibility() && it.getBoundingClientRect().right > box.getBoundingClientRect().right + 1 && !it.closest(".scroll");
        }).map((it) => it.outerHTML.slice(0, 120))""")
        assert not beyond, f"{self.page.url}: {beyond}"

    def well(self):
        assert not self.faults, self.faults
