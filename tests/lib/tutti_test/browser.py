# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Chromium that has opened the link of a room, with the session's real microphone and loudspeaker."""

import base64
import hashlib
import shutil
import ssl
import subprocess

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By

from .process import wait_until


# Looks on, and changes nothing.
WATCH_TRACKS = """
window.openedTracks = [];
const open = MediaDevices.prototype.getUserMedia;
MediaDevices.prototype.getUserMedia = async function (...wanted) {
  const stream = await open.apply(this, wanted);
  window.openedTracks.push(...stream.getTracks());
  return stream;
};
"""


def is_there():
    return bool(shutil.which("chromium") or shutil.which("chromium-browser")) and bool(shutil.which("chromedriver"))


def key_hash(host, port):
    """What Chromium calls a server by whose certificate nobody vouches: SHA-256 of its public key."""
    pem = ssl.get_server_certificate((host, port))
    der = subprocess.run(["openssl", "x509", "-pubkey", "-noout"], input=pem.encode(), check=True, capture_output=True).stdout
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "der"], input=der, check=True, capture_output=True).stdout
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


class Guest:
    """One Chromium with a profile of its own. @keys: key_hash() of the servers it trusts, and of no others.
    @microphone: "allow" or "deny", as a person would answer."""

    def __init__(self, folder, keys, microphone="allow"):
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium") or shutil.which("chromium-browser")
        for argument in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "no-first-run",
                         f"user-data-dir={folder}", "window-size=900,800", "lang=en-GB",
                         f"ignore-certificate-errors-spki-list={','.join(keys)}",
                         "use-fake-ui-for-media-stream" if microphone == "allow" else "deny-permission-prompts"):
            options.add_argument(f"--{argument}")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.seen = []
        self.driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))

        self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH_TRACKS})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def open(self, link):
        """@link: of the app; the page has the same as https."""
        self.driver.get(link.replace("tutti://", "https://", 1))

    def text(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    def wait_text(self, part, timeout=15):
        try:
            return wait_until(lambda: part in self.text() and self.text(), timeout, lambda: f"“{part}”; the page says:\n{self.text()}\n{self.complaints()}")
        except StaleElementReferenceException:
            return self.wait_text(part, timeout)

    def complaints(self):
        """What the browser's console says."""
        new = [entry["message"] for entry in self.driver.get_log("browser")]
        self.seen += new
        return new

    def mishaps(self):
        return [line for line in self.seen + self.complaints() if "Content Security Policy" in line or "Uncaught" in line]

    def press_twice(self, name):
        self.driver.execute_script("arguments[0].click(); arguments[0].click()", self.find("button", name))

    def microphone_is_off(self):
        """Whether every track that the page has opened was stopped."""
        return self.driver.execute_script("return window.openedTracks.length > 0 && window.openedTracks.every((t) => t.readyState === 'ended')")

    def find(self, role, name):
        """What a screen reader would find: by computed role and accessible name."""
        for element in self.driver.find_elements(By.CSS_SELECTOR, "button, a, input, select, [role]"):
            try:
                if element.aria_role == role and element.accessible_name == name and element.is_displayed():
                    return element
            except StaleElementReferenceException:
                pass
        return None

    def press(self, name, role="button"):
        wait_until(lambda: self.find(role, name), 10, lambda: f"{role} “{name}”; the page says:\n{self.text()}").click()

    def join(self, link, name, how="Play Along"):
        self.open(link)
        self.wait_text("Your name")
        box = self.find("textbox", "Your name")
        box.clear()
        box.send_keys(name)
        self.press(how)

    def row(self, name):
        """The row of one of the others: name → what stands in it."""
        for row in self.driver.find_elements(By.CSS_SELECTOR, ".rows .row"):
            if row.find_element(By.CSS_SELECTOR, ".name").text == name:
                return row
        return None

    def names(self):
        return {e.text for e in self.driver.find_elements(By.CSS_SELECTOR, ".rows .name")}

    def wait_names(self, names, timeout=15):
        wait_until(lambda: self.names() == set(names), timeout, lambda: f"exactly {names}; now {self.names()}\n{self.complaints()}")

    def level(self, name):
        """dB of the meter of @name."""
        meter = self.find("meter", f"Level of {name}")
        return float(meter.get_attribute("aria-valuenow")) if meter else None

    def set_slider(self, name, value):
        self.driver.execute_script("arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input'))",
                                   wait_until(lambda: self.find("slider", name), 5, name), value)

    def look(self, size, scheme):
        """As on a screen of @size (CSS pixels), where the person likes light or dark."""
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": size[0], "height": size[1], "deviceScaleFactor": 2, "mobile": False})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def picture(self, path):
        self.driver.save_screenshot(str(path))
