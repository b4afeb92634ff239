import pytest

from accounts.client import device_name

MOZILLA = "Mozilla/5.0"
WINDOWS = f"{MOZILLA} (Windows NT 10.0; Win64; x64)"
MAC = f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7)"
IPHONE = f"{MOZILLA} (iPhone; CPU iPhone OS 18_1 like Mac OS X)"
ANDROID = f"{MOZILLA} (Linux; Android 15; Pixel 8)"
KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (f"{WINDOWS} {KIT} Chrome/142.0.0.0 Safari/537.36", "Chrome on Windows"),
        (f"{WINDOWS} {KIT} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", "Edge on Windows"),
        (f"{WINDOWS} {KIT} Chrome/142.0.0.0 Safari/537.36 OPR/120.0.0.0", "Opera on Windows"),
        (f"{WINDOWS[:-1]}; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Windows"),
        (f"{MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15", "Safari on Mac"),
        (f"{IPHONE} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile Safari/604.1", "Safari on iPhone"),
        (f"{IPHONE} AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0 Mobile Safari/604.1", "Chrome on iPhone"),
        (f"{IPHONE} AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/145.0 Mobile Safari/605.1", "Firefox on iPhone"),
        (f"{ANDROID} {KIT} Chrome/142.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        (f"{ANDROID} {KIT} SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36", "Samsung Internet on Android"),
        (f"{MOZILLA} (X11; CrOS x86_64 14541.0.0) {KIT} Chrome/142.0.0.0 Safari/537.36", "Chrome on ChromeOS"),
        (f"{MOZILLA} (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
        ("curl/8.5.0", "Unknown device"),
        ("", "Unknown device"),
        (f"{WINDOWS} SomethingNew/1.0", "Unknown browser on Windows"),
        ("Chrome/142.0.0.0", "Chrome on an unknown system"),
    ],
)
def test_a_device_is_named_by_what_its_browser_says(user_agent, device):
    assert device_name(user_agent) == device
