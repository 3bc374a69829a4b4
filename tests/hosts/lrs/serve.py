"""Runs Ralph on a port, with its statements in a file.

As it comes, its file backend writes a file once and refuses the next statements; here it appends them.
"""

import sys

import uvicorn
from ralph.backends.data.base import BaseOperationType
from ralph.backends.lrs.fs import FSLRSBackend

FSLRSBackend.default_operation_type = BaseOperationType.APPEND

from ralph.api import app  # noqa: E402 (it makes its backend when it is imported)

uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
