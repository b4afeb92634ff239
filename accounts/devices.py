"""Browsers and systems by name, as well as a browser's own description of itself tells them."""

# The first that is found counts: most browsers also claim to be those that come after them.
BROWSERS = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
]
SYSTEMS = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
]


def name_device(user_agent: str) -> str:
    """The device in words, like “Chrome on Windows”; what is not recognised is called so, and never guessed."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "Unknown browser")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "an unknown system")
    return "Unknown device" if browser.startswith("Unknown") and system.startswith("an ") else f"{browser} on {system}"
