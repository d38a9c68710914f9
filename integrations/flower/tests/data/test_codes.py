"""docs/errors.md explains every code that the data modules, adapters included, can raise."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[4]


def test_every_code_is_explained():
    package = ROOT / "integrations" / "flower" / "src" / "chongwen_flower"
    files = [*(package / "data").glob("*.py"), *package.glob("lora*.py")]
    text = "\n".join(path.read_text() for path in files)
    codes = set(re.findall(r'(?:refuse|ChongwenError)\(\s*"([a-z-]+)"', text))
    assert len(codes) > 20
    page = (ROOT / "docs" / "errors.md").read_text()
    assert sorted(code for code in codes if f"`{code}`" not in page) == []
