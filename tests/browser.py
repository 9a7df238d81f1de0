"""Chromium without a window, driven through its own debugging pipe: no package is needed.

Messages are JSON objects, each ended by a zero byte, to and from the browser's file descriptors 3
and 4 (the Chrome DevTools Protocol).
"""
from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import subprocess

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--remote-debugging-pipe"]


def chromium():
    """The path of a Chromium, or None."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
                None)


class Browser:
    """A browser with one tab, and what the tab complained of."""

    def __init__(self, folder, width=800, height=1000, dark=False):
        self.inward, writing = os.pipe()
        reading, self.outward = os.pipe()
        far = [fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (reading, writing)]  # not 3 or 4
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{far[0]} 4>&{far[1]}', "bash", chromium(), *FLAGS,
             f"--user-data-dir={folder}", "about:blank"], pass_fds=far,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for end in (reading, writing, *far):
            os.close(end)
        self.buffer, self.number, self.complaints = b"", 0, []
        self.session = None
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.send("Target.attachToTarget", targetId=target,
                                 flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 500)
        if dark:
            self.send("Emulation.setEmulatedMedia", features=[
                {"name": "prefers-color-scheme", "value": "dark"}])

    def send(self, method, **params):
        """The result of a command; what arrives before it and is a complaint is kept."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.outward, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                assert "error" not in answer, (method, answer)
                return answer["result"]

    def receive(self):
        while b"\0" not in self.buffer:
            piece = os.read(self.inward, 1 << 16)
            assert piece, "the browser has ended"
            self.buffer += piece
        raw, _, self.buffer = self.buffer.partition(b"\0")
        message = json.loads(raw)
        method, params = message.get("method"), message.get("params", {})
        level = {"Runtime.exceptionThrown": "error", "Runtime.consoleAPICalled": params.get("type"),
                 "Log.entryAdded": params.get("entry", {}).get("level")}.get(method)
        if level in ("error", "warning"):
            self.complaints.append(params)
        if method == "Network.requestWillBeSent":
            url = params["request"]["url"]
            if not url.startswith(("file:", "data:", "blob:", "about:")):
                self.complaints.append(url)
        return message

    def open(self, path):
        self.send("Page.navigate", url=f"file://{path}")
        while self.run("document.readyState") != "complete" or not self.run(
                "location.protocol === 'file:'"):
            pass

    def run(self, expression):
        """The value of a JavaScript expression in the page."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def place_of(self, element):
        """Where an element stands in the window: left, top, width, height."""
        self.run(f"document.getElementById('{element}').scrollIntoView({{block: 'center'}})")
        return self.run(f"(r => [r.left, r.top, r.width, r.height])"
                        f"(document.getElementById('{element}').getBoundingClientRect())")

    def draw(self, element, stroke):
        """A stroke with the mouse: points are fractions of the element's width and height."""
        left, top, width, height = self.place_of(element)
        places = [(left + x * width, top + y * height) for x, y in stroke]
        self.mouse("mousePressed", *places[0])
        for x, y in places[1:]:
            self.mouse("mouseMoved", x, y)
        self.mouse("mouseReleased", *places[-1])

    def mouse(self, kind, x, y):
        self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=1,
                  clickCount=1)

    def key(self, key):
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key=key, text=key if kind == "keyDown"
                      and len(key) == 1 else "")

    def screenshot(self, path):
        data = self.send("Page.captureScreenshot")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def close(self):
        self.process.terminate()
        self.process.wait()
        os.close(self.inward)
        os.close(self.outward)
