"""Where rules come from that are not a facility's own: msgids for ``setting(source=…)``."""

from reservation.domain.words import N_

GUIDELINE = N_("国の病児保育事業実施要綱(令和6年3月30日 こ成保第180号)")
INFECTIONS = N_("保育所における感染症対策ガイドライン(こども家庭庁)")
TOWN = N_("市区町村の条例・実施要綱")
ROOMS = N_("実際の病児保育室の利用案内")
