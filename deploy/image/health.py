"""The image's health check: exit code 0 when the process on ``KIBBLE_PORT`` is ready."""

import os
import sys
from http.client import HTTPConnection

connection = HTTPConnection("127.0.0.1", int(os.environ.get("KIBBLE_PORT", "8000")), timeout=3)
try:
    connection.request("GET", "/health/ready")
    sys.exit(connection.getresponse().status != 200)
except OSError:
    sys.exit(1)
