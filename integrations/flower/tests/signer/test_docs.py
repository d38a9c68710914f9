"""Every code that the signer can say is explained, and none that is gone."""

import re

from protocol.vectors import repository
from signer.hospital import SRC

CODE = re.compile(r'(?:ChongwenError|refusal)\(\s*"([a-z-]+)"')


def test_every_code_is_in_the_table_of_errors():
    sources = (SRC / "chongwen_flower" / "signer").glob("*.py")
    raised = {code for path in sources for code in CODE.findall(path.read_text(encoding="utf-8"))}
    page = (repository() / "docs" / "errors.md").read_text(encoding="utf-8")
    section = page.split("\n### Signer\n")[1].split("\n## ")[0].split("\n### ")[0]
    explained = re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE)
    assert sorted(explained) == explained
    assert set(explained) == raised - {"json-invalid"}  # The protocol library's.
