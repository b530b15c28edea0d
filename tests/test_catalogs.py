"""Every sentence of the source stands in every catalogue that is shipped."""

import re

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from reservation import i18n
from scripts.translations import extract, merge

SHIPPED = [code for code in i18n.shipped() if code != i18n.SOURCE]
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}|</?(\w+)")


def catalog(code: str) -> Catalog:
    with i18n.catalog_path(code).open("rb") as file:
        return read_po(file, locale=i18n.LANGUAGES[code].locale)


def texts(one: object) -> list[str]:
    return [str(part) for part in one] if isinstance(one, tuple | list) else [str(one)]


def missing(found: Catalog, source: Catalog) -> list[str]:
    """The sentences without a finished translation."""
    wrong = []
    for message in source:
        if message.id:
            have = found.get(message.id, message.context)
            if have is None or have.fuzzy or not all(texts(have.string)):
                wrong.append(str(message.id))
    return wrong


def unlike(found: Catalog) -> list[str]:
    """The translations whose placeholders or tags are not those of the sentence."""
    wrong = []
    for message in found:
        if message.id and message.string:
            allowed = set(PLACEHOLDER.findall(" ".join(texts(message.id))))
            wrong += [t for t in texts(message.string) if set(PLACEHOLDER.findall(t)) - allowed]
            single = texts(message.string)[-1]
            if allowed - set(PLACEHOLDER.findall(single)):
                wrong.append(single)
    return wrong


def test_sentences_are_found_in_code_and_templates() -> None:
    found = extract()
    assert found.get("ページが見つかりません") is not None
    places = {place.rsplit(".", 1)[1] for one in found for place, _ in one.locations}
    assert places >= {"py", "html"}
    assert all(line is None for one in found for _, line in one.locations)


def test_english_ships() -> None:
    assert "en" in i18n.shipped()
    assert catalog("en").get("ページが見つかりません").string == "Page not found"


def test_a_shipped_catalogue_lacks_nothing() -> None:
    source = extract()
    assert {code: missing(catalog(code), source) for code in SHIPPED} == dict.fromkeys(SHIPPED, [])


def test_placeholders_agree() -> None:
    assert {code: unlike(catalog(code)) for code in SHIPPED} == dict.fromkeys(SHIPPED, [])


def test_a_shipped_catalogue_is_up_to_date() -> None:
    source = extract()
    for code in SHIPPED:
        have = {(str(one.id), one.context) for one in catalog(code)}
        assert {(str(one.id), one.context) for one in merge(code, source)} == have


def test_what_is_missing_or_unlike_is_noticed() -> None:
    source, found = Catalog(), Catalog(locale="en")
    for sentence in ("あと %(n)d人", "空きが<b>ありません</b>", "はい", "いいえ"):
        source.add(sentence)
    found.add("あと %(n)d人", "%(m)d left")
    found.add("空きが<b>ありません</b>", "<b>Full</b>")
    found.add("はい", "", flags=["fuzzy"])
    assert missing(found, source) == ["はい", "いいえ"]
    assert unlike(found) == ["%(m)d left", "%(m)d left"]
