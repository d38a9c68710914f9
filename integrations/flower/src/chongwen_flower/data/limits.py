"""How much is read at most: a file that wants more is refused before it is unpacked."""

from __future__ import annotations

#: The same as the custodian's server takes (`scripts/custodian/images/image.ts`).
MAX_FILE = 40_000_000
MAX_PIXELS = 50_000_000
MAX_SIDE = 30_000

#: Metadata, archives and pictures of one site.
MAX_TABLE = 32 * 1024 * 1024
MAX_ARCHIVE = 2 * 1024**3
MAX_RECORDS = 1_000_000
#: Of a thumbnail.
MAX_THUMBNAIL = 512
