#!/bin/sh
# WeasyPrint 70.0, write_pdf(pdf_variant="pdf/ua-1"): header cells get no /Scope, so the heading of a column that holds only
# row headings is tied to nothing (PDF/UA-1, ISO 14289-1 7.5); a picture inside a link gets two link annotations on one
# rectangle, the second of them in the /Figure and not in a /Link (7.18.5). The file still says that it is PDF/UA-1.
# Seen: “TH 3, with scope 0; annotations 2, in a link 1, in a figure 1”. Fails when that changes.
# Needs Pango (Debian: libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check weasyprint==70.0 pikepdf==10.18.0
"$folder/env/bin/python" - <<'PYTHON'
import base64
import io
import sys

import pikepdf
import weasyprint

picture = (
    "data:image/svg+xml;base64,"
    + base64.b64encode(b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>').decode()
)
page = f"""<html lang="en"><head><title>A receipt</title></head><body>
<table><thead><tr><th scope="col">Item</th><th scope="col">Amount</th></tr></thead>
<tbody><tr><th scope="row">Visit</th><td>100.00</td></tr></tbody></table>
<p><a href="https://clinic.example/r/1"><img src="{picture}" alt="Your receipt"></a></p></body></html>"""
pdf = pikepdf.open(io.BytesIO(weasyprint.HTML(string=page).write_pdf(pdf_variant="pdf/ua-1")))
elements = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/StructElem"]
cells = [one for one in elements if one.S == "/TH"]
scoped = [one for one in cells if "/Scope" in one.get("/A", {})]
holders = [
    str(one.S) for one in elements
    for kid in one.get("/K", []) if isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == "/OBJR"
]
annotations = pdf.pages[0].get("/Annots", [])
found = (
    f"TH {len(cells)}, with scope {len(scoped)}; annotations {len(annotations)}, "
    f"in a link {holders.count('/Link')}, in a figure {holders.count('/Figure')}"
)
print(found)
sys.exit(0 if found == "TH 3, with scope 0; annotations 2, in a link 1, in a figure 1" else "changed")
PYTHON
echo "as described"
