"""How Sphinx builds the site from what tools/build_site.py gathers: `make site`.

Nothing is loaded from elsewhere: no fonts, no scripts, no MathJax. Notebooks are shown as committed, never executed.
"""

import re

import qwen_course

project = "Qwen, hands on"
author = "The authors of the Qwen course"
release = qwen_course.__version__
language = "en"

extensions = ["myst_nb"]
suppress_warnings = ["myst.header"]  # a notebook's H1 may be followed by an H3 that stands below its H2 in the text
nb_execution_mode = "off"
nb_ipywidgets_js = {}  # would be loaded from a CDN; stored notebooks hold no widgets
myst_heading_anchors = 3

html_theme = "sphinx_book_theme"
html_title = project
templates_path = ["_templates"]
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_theme_options = {"use_download_button": False, "use_fullscreen_button": False, "navbar_persistent": []}
pygments_style = "a11y-high-contrast-light"

PERSIAN = ".fa"  # pages whose name ends so are read from right to left
TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)


def finish_page(app, pagename, templatename, context, doctree):
    """Let tables scroll in a box that the keyboard reaches, and mark Persian text among English navigation."""
    if "body" in context:
        context["body"] = TABLE.sub(r'<div class="scroll" tabindex="0">\g<0></div>', context["body"])
    if pagename.endswith(PERSIAN):
        context["body"] = f'<div dir="rtl" lang="fa">{context["body"]}</div>'


def setup(app):
    """Connect the hook above; Sphinx calls this."""
    app.connect("html-page-context", finish_page)
