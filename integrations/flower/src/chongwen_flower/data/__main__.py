"""``python -m chongwen_flower.data FORM FROM OUT.npz``: strip a site's pictures once and for all.

Prints counts only. Give them to the dataset card: `labelLevels` is the card's field.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from chongwen_flower.data.load import FORMS, load_images
from chongwen_flower.data.prepared import write_prepared
from chongwen_flower.errors import ChongwenError


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 if the file was written."""
    parser = argparse.ArgumentParser(prog="python -m chongwen_flower.data", description=__doc__)
    parser.add_argument("form", choices=sorted(FORMS), help="what FROM is")
    parser.add_argument("source", metavar="FROM", type=Path)
    parser.add_argument("out", metavar="OUT.npz", type=Path)
    parser.add_argument("--side", type=int, default=28, help="of the thumbnails (28)")
    given = parser.parse_args(arguments)
    try:
        records = load_images(given.form, given.source, side=given.side)
        write_prepared(records, given.out)
    except ChongwenError as error:
        print(f"{error.code}: {error}", file=sys.stderr)
        return 1
    counts = {
        "records": len(records),
        "classes": dict(zip(records.classes, records.class_counts(), strict=True)),
        "labelLevels": records.level_counts(),
    }
    print(json.dumps(counts))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
