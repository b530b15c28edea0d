"""The look: clean HTML from every macro, nothing inline, vendored files untouched."""

import hashlib
import re
from pathlib import Path
from types import SimpleNamespace as Values

import html5lib
import pytest
from flask import Flask, render_template, request

from tests.look.everything import ROOT, make_app

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STATIC = ROOT / "static"
SHEETS = {path.name: path.read_text("utf-8") for path in (STATIC / "css").glob("*.css")}
TOKENS = (STATIC / "vendor/dads/tokens.css").read_text("utf-8")
JAPANESE = re.compile(r"[ぁ-ゖァ-ヺ一-鿿]")


@pytest.fixture(scope="module")
def app() -> Flask:
    return make_app()


def page(app: Flask, **sent: object) -> str:
    """The page with every macro; sent=… posts a form, with a valid token."""
    app.config["WTF_CSRF_ENABLED"] = not sent
    app.config["WTF_CSRF_CHECK_DEFAULT"] = not sent
    client = app.test_client()
    return (client.post("/", data=sent) if sent else client.get("/?age=3")).get_data(as_text=True)


def parsed(text: str):
    """The tree of a page; html5lib raises at the first mistake in the markup."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)


def ids_and_links(tree) -> tuple[list[str], set[str]]:
    ids = [node.get("id") for node in tree.iter() if node.get("id")]
    wanted = {node.get("for") for node in tree.iter("label")}
    wanted |= {
        node.get("href", "")[1:] for node in tree.iter("a") if node.get("href", "")[:1] == "#"
    }
    for node in tree.iter():
        wanted |= set(node.get("aria-describedby", "").split())
    return ids, wanted - {None, ""}


@pytest.mark.parametrize("sent", [{}, {"temperature": "38", "birthday": ["2023", "14", "9"]}])
def test_every_macro_makes_clean_html(app: Flask, sent: dict[str, object]) -> None:
    tree = parsed(page(app, **sent))
    ids, wanted = ids_and_links(tree)
    assert len(ids) == len(set(ids))
    assert wanted <= set(ids)
    assert [node.get("lang") for node in tree.iter("html")] == ["ja"]


def test_errors_stand_on_top_beside_the_field_and_in_the_title(app: Flask) -> None:
    text = page(app, birthday=["2023", "14", "9"], name="")
    tree = parsed(text)
    assert tree.find(".//title").text.startswith("エラー：Everything | 杉並区 病児保育")
    summary = tree.find(".//div[@id='error-summary']")
    assert summary.find("div").get("role") == "alert"
    links = {a.get("href"): a.text for a in summary.iter("a")}
    words = "生年月日の「月」は 1 から 12 の数字で入力してください"
    assert links["#birthday"] == words
    assert links["#sign-0"] == "ようすをえらんでください"
    assert tree.find(".//p[@id='birthday-e']").text == words
    boxes = [node for node in tree.iter("input") if node.get("name") == "birthday"]
    assert [box.get("value") for box in boxes] == ["2023", "14", "9"]
    assert [box.get("aria-invalid") for box in boxes] == [None, "true", None]
    name = next(node for node in tree.iter("input") if node.get("id") == "name")
    assert (name.get("aria-invalid"), name.get("aria-describedby")) == ("true", "name-e")
    assert not parsed(page(app)).findall(".//div[@id='error-summary']")


def test_a_deadline_says_its_clock_time_and_whole_minutes(app: Flask) -> None:
    tree = parsed(page(app))
    holds = [node for node in tree.iter("div") if "hold" in node.get("class", "").split()]
    assert ["".join(node.find("p/b").itertext()) for node in holds] == ["22:14", "22:07", "22:04"]
    assert [node.get("data-left") for node in holds] == ["510", "90", "0"]
    assert ["is-soon" in node.get("class") for node in holds] == [False, True, True]
    assert [node.find("progress").text for node in holds] == ["のこり9分", "のこり2分", "のこり0分"]


def test_post_button_carries_token_and_key(app: Flask) -> None:
    form = next(node for node in parsed(page(app)).iter("form") if node.get("action") == "/x")
    hidden = {node.get("name"): node.get("value") for node in form.iter("input")}
    assert hidden["key"] == "k-1"
    assert hidden["version"] == "3"
    assert hidden["csrf_token"]
    button = form.find("button")
    assert (button.get("name"), button.get("value"), button.get("type")) == (
        "answer",
        "yes",
        "submit",
    )


@pytest.mark.parametrize("layout", ["parent", "desk"])
def test_layouts_stand_alone(app: Flask, layout: str) -> None:
    viewer = Values(kind="staff", label="看護師 森田")
    tab = {"label": "きょう", "url": "/staff", "current": True, "key": "1"}
    with app.test_request_context("/?lang=ja"):
        source = app.jinja_env.get_template(f"layouts/{layout}.html")
        tree = parsed(render_template(source, viewer=viewer, tabs=[tab], status_parts=["7:00"]))
    assert len(tree.findall(".//main")) == 1
    assert "見本データです。" in "".join(tree.find(".//header").itertext())
    if layout == "desk":
        assert tree.find(".//nav/a").get("aria-current") == "page"
        assert tree.find(".//form").get("method") == "post"


def test_a_page_without_session_sends_no_cookie_and_varies_by_none(app: Flask) -> None:
    answer = app.test_client().get("/plain?lang=ja&age=3")
    assert "Set-Cookie" not in answer.headers
    assert "Vary" not in answer.headers


def test_the_error_page_needs_neither_database_nor_session(app: Flask) -> None:
    with app.test_request_context("/nowhere"):
        text = render_template(
            "errors/error.html",
            code=503,
            title="混み合っています",
            message="まだ受け付けていません。",
            telephone="03-0000-0000",
            request_id="a1",
            municipality=None,
        )
        assert request.path == "/nowhere"
    tree = parsed(text)
    assert tree.find(".//h1").text == "混み合っています"
    assert tree.find(".//aside//a").get("href") == "tel:0300000000"
    assert "503 / a1" in text


@pytest.mark.parametrize(
    "path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates"))
)
def test_nothing_inline_and_every_word_translated(path: Path) -> None:
    text = re.sub(r"{#.*?#}", "", path.read_text("utf-8"), flags=re.DOTALL)
    inline = r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=[\"']|javascript:"
    assert not re.findall(inline, text, re.IGNORECASE)
    string = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
    text = re.sub(rf"\b(?:_|n?p?gettext)\(\s*{string}(?:\s*,\s*{string})?", "", text)
    text = re.sub(r"{%-?\s*trans.*?endtrans\s*-?%}", "", text, flags=re.DOTALL)
    assert not [line.strip() for line in text.splitlines() if JAPANESE.search(line)]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "templates/components").glob("*.html")), ids=lambda p: p.name
)
def test_every_component_macro_says_how_to_use_it(path: Path) -> None:
    text = path.read_text("utf-8")
    for name in re.findall(r"{%-? macro (\w+)", text):
        assert re.search(
            rf"{{#-? {{[{{%] (?:call )?{name}\(|{{{{ {name}\(.*#}}\s*{{% macro {name}\b", text
        ), name


def test_vendored_files_are_untouched() -> None:
    vendor = STATIC / "vendor"
    listed = dict(
        re.findall(
            r"^\| (\S+) \|.*\| ([0-9a-f]{64}) \|$",
            (vendor / "VENDORED.md").read_text("utf-8"),
            re.M,
        )
    )
    files = [path for path in vendor.rglob("*") if path.is_file() and path.name != "VENDORED.md"]
    sums = {
        str(path.relative_to(vendor)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }
    assert listed == sums


def test_stylesheets_use_tokens_that_exist_and_load_nothing_from_outside() -> None:
    known = set(re.findall(r"(--[\w-]+)\s*:", TOKENS + "".join(SHEETS.values())))
    for name, text in SHEETS.items():
        assert set(re.findall(r"var\((--[\w-]+)", text)) <= known, name
        assert not re.findall(r"url\(|@import", text), name
        assert text.count("{") == text.count("}"), name


def colour(role: str) -> tuple[float, ...]:
    """The colour behind a role of base.css or a token, as linear light."""
    values = dict(re.findall(r"(--[\w-]+)\s*:\s*([^;]+);", TOKENS + SHEETS["base.css"]))
    value = values[role]
    while value.startswith("var("):
        value = values[value[4:-1]]
    parts = [int(value[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return tuple(p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)


def contrast(one: str, other: str) -> float:
    weights = (0.2126, 0.7152, 0.0722)
    low, high = sorted(
        sum(w * c for w, c in zip(weights, colour(x), strict=True)) for x in (one, other)
    )
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    ("front", "back", "least"),
    [
        *[
            (role, back, 5.6)
            for role in ("--ink", "--ink-2", "--act")
            for back in ("--paper", "--wash")
        ],
        *[(f"--{tone}", f"--{tone}-wash", 4.5) for tone in ("yes", "few", "no", "bad")],
        *[(f"--{tone}-shape", f"--{tone}-wash", 3.8) for tone in ("yes", "few", "no")],
        ("--paper", "--color-primitive-green-900", 4.5),
        ("--ink", "--color-primitive-yellow-300", 4.5),
        ("--bad", "--paper", 5.6),
        ("--line-field", "--paper", 3.8),
    ],
)
def test_colours_keep_their_contrast(front: str, back: str, least: float) -> None:
    assert contrast(front, back) >= least
