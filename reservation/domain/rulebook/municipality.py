"""The municipality's own document: names, office, consent text, and the order of its rooms."""

from __future__ import annotations

from typing import Any

from reservation.domain.rulebook.fields import Section, Text, Title, setting
from reservation.domain.words import N_


class Consent(Section):
    """What a guardian agrees to. A new text is a new version; old consents keep theirs."""

    version: str = setting(
        N_("同意文の版"),
        min_length=1,
        max_length=20,
        why=N_("文を変えたら、新しい版の名前を書きます。"),
    )
    text: Title = setting(N_("同意文"), why=N_("登録のとき、保護者が同意する文です。"))


class Office(Section):
    """The section in charge, for the imprint."""

    section: Title = setting(N_("担当課"), why=N_("サイトの下に出す、問い合わせ先の課です。"))
    address: Text = setting(N_("所在地"), dict, why=N_("担当課の住所です。"))
    mail: str = setting(N_("メールアドレス"), "", why=N_("担当課のメールアドレスです。"))


class Municipality(Section):
    """A town whose office commissions the rooms."""

    code: str = setting(
        N_("全国地方公共団体コード"), pattern=r"^[0-9]{6}$", why=N_("検査数字までの6けたです。")
    )
    name: Title = setting(N_("市区町村の名前"), why=N_("サイトの題と通知で使います。"))
    telephone: str = setting(N_("電話番号"), why=N_("担当課の電話番号です。"))
    telephone_hours: Text = setting(
        N_("電話の受付時間"), dict, why=N_("電話に出られる曜日と時間です。")
    )
    office: Office = setting(N_("担当課"), why=N_("サイトの下に出す問い合わせ先です。"))
    consent: Consent = setting(
        N_("個人情報の同意文"), why=N_("登録のとき、保護者が同意する文とその版です。")
    )
    facilities: tuple[str, ...] = setting(N_("施設の順番"), (), why=N_("施設の記号を並べます。"))

    def stored(self) -> dict[str, Any]:
        """The values that services.facilities.put_municipality takes."""
        return {
            "code": self.code,
            "name": self.name,
            "telephone": self.telephone,
            "telephone_hours": self.telephone_hours,
            "consent_version": self.consent.version,
            "consent_text": self.consent.text,
            "office": self.office.model_dump(mode="json"),
        }
