"""Answers are compressed: with Brotli for browsers that take it, with gzip for others."""

import secrets

import brotli
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

SHORT = 200  # bytes, which are not worth the work
QUALITY = 7  # as quick as gzip; the best takes fifty times as long
NOTHING = b"\x06"  # a block of Brotli without content, as its `flush` writes
END = b"\x03"


class CompressionMiddleware(GZipMiddleware):
    """Django's compression, with Brotli before gzip and random bytes in both.

    The length of a compressed answer can tell what is in it, to those who can have something of their own put into it.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Return the answer, compressed if it is long enough and not yet compressed."""
        accepted = request.headers.get("Accept-Encoding", "").replace(" ", "").split(",")
        if (
            "br" in accepted
            and isinstance(response, HttpResponse)
            and len(response.content) >= SHORT
            and not response.has_header("Content-Encoding")
        ):
            patch_vary_headers(response, ["Accept-Encoding"])
            response.content = compress(response.content, self.max_random_bytes)
            response.headers["Content-Length"] = str(len(response.content))
            response.headers["Content-Encoding"] = "br"
        return super().process_response(request, response)


def compress(content: bytes, max_random_bytes: int) -> bytes:
    """Return `content` compressed with Brotli, longer by a random number of bytes."""
    window = min(max(len(content).bit_length(), 10), 24)  # the smallest that shows it all is the quickest
    compressor = brotli.Compressor(quality=QUALITY, lgwin=window)
    written: bytes = compressor.process(content) + compressor.flush()
    return written + NOTHING * secrets.randbelow(max_random_bytes) + END
