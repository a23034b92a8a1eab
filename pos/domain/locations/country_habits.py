"""What is usual in a country: money, language, time, the words of its tax, paper. Proposals for a form, never assumed.

Facts of public standards: currencies after ISO 4217, time zones after IANA, paper after ISO 216 or ANSI. The label of a
tax and whether prices are shown with it are the usual ones for consumers; a clinic's adviser has the last word.
"""

from __future__ import annotations

from dataclasses import dataclass

from pos.core.i18n.message import Message


@dataclass(frozen=True, slots=True)
class Habits:
    """The proposals of a country; texts are empty and `time_zones` holds none where nothing is known.

    `time_zones` begins with that of the largest city. `paper` is `a4` or `letter`. `tax_inclusive`: prices for consumers
    are shown with tax. `cash_rounding` is a key of `cash_rounding.CASH_ROUNDINGS`: what is usual or ordered by law where
    small coins are out of use.
    """

    currency: str = ""
    locale: str = ""
    time_zones: tuple[str, ...] = ()
    tax_label: str = ""
    tax_id_label: str = ""
    tax_inclusive: bool = True
    paper: str = "a4"
    cash_rounding: str = "none"


# What the papers of documents are called.
PAPER_NAMES = {"80mm": Message("roll", "80 mm"), "a4": "A4", "letter": Message("letter", "Letter")}
_UNKNOWN = Habits()


def _at(
    currency: str,
    locale: str,
    zones: str,
    tax: str,
    number: str,
    *,
    inclusive: bool = True,
    paper: str = "a4",
    cash: str = "none",
) -> Habits:
    return Habits(currency, locale, tuple(zones.split()), tax, number, inclusive, paper, cash)


_US = (
    "America/New_York America/Chicago America/Denver America/Phoenix America/Los_Angeles America/Anchorage "
    "Pacific/Honolulu America/Detroit America/Boise America/Indiana/Indianapolis America/Kentucky/Louisville"
)
_CA = "America/Toronto America/Vancouver America/Edmonton America/Regina America/Winnipeg America/Halifax America/St_Johns"
_AU = (
    "Australia/Sydney Australia/Melbourne Australia/Brisbane Australia/Perth Australia/Adelaide Australia/Hobart "
    "Australia/Darwin"
)
_MX = "America/Mexico_City America/Monterrey America/Tijuana America/Cancun America/Hermosillo America/Chihuahua"
_BR = "America/Sao_Paulo America/Bahia America/Fortaleza America/Recife America/Manaus America/Cuiaba America/Belem"

_HABITS: dict[str, Habits] = {
    "AE": _at("AED", "en_AE", "Asia/Dubai", "VAT", "TRN"),
    "AR": _at("ARS", "es_AR", "America/Argentina/Buenos_Aires America/Argentina/Cordoba", "IVA", "CUIT"),
    "AT": _at("EUR", "de_AT", "Europe/Vienna", "USt.", "UID-Nr."),
    "AU": _at("AUD", "en_AU", _AU, "GST", "ABN", cash="5"),
    "BE": _at("EUR", "nl_BE", "Europe/Brussels", "btw", "Btw-nr.", cash="5"),
    "BG": _at("EUR", "bg_BG", "Europe/Sofia", "ДДС", "ДДС №"),
    "BR": _at("BRL", "pt_BR", _BR, "ISS", "CNPJ"),
    "CA": _at("CAD", "en_CA", _CA, "GST/HST", "GST/HST no.", inclusive=False, paper="letter", cash="5"),
    "CH": _at("CHF", "de_CH", "Europe/Zurich", "MWST", "MWST-Nr.", cash="5"),
    "CL": _at("CLP", "es_CL", "America/Santiago America/Punta_Arenas", "IVA", "RUT", paper="letter"),
    "CO": _at("COP", "es_CO", "America/Bogota", "IVA", "NIT", paper="letter"),
    "CY": _at("EUR", "el_CY", "Asia/Nicosia", "ΦΠΑ", "ΑΦΜ"),
    "CZ": _at("CZK", "cs_CZ", "Europe/Prague", "DPH", "DIČ", cash="100"),
    "DE": _at("EUR", "de_DE", "Europe/Berlin", "MwSt.", "USt-IdNr."),
    "DK": _at("DKK", "da_DK", "Europe/Copenhagen", "moms", "CVR-nr.", cash="50"),
    "EE": _at("EUR", "et_EE", "Europe/Tallinn", "käibemaks", "KMKR", cash="5"),
    "ES": _at("EUR", "es_ES", "Europe/Madrid Atlantic/Canary Africa/Ceuta", "IVA", "NIF"),
    "FI": _at("EUR", "fi_FI", "Europe/Helsinki", "ALV", "Y-tunnus", cash="5"),
    "FR": _at("EUR", "fr_FR", "Europe/Paris", "TVA", "N° TVA"),
    "GB": _at("GBP", "en_GB", "Europe/London", "VAT", "VAT no."),
    "GR": _at("EUR", "el_GR", "Europe/Athens", "ΦΠΑ", "ΑΦΜ"),
    "HK": _at("HKD", "en_HK", "Asia/Hong_Kong", "Tax", "BR no."),
    "HR": _at("EUR", "hr_HR", "Europe/Zagreb", "PDV", "OIB"),
    "HU": _at("HUF", "hu_HU", "Europe/Budapest", "ÁFA", "Adószám", cash="500"),
    "IE": _at("EUR", "en_IE", "Europe/Dublin", "VAT", "VAT no.", cash="5"),
    "IL": _at("ILS", "he_IL", "Asia/Jerusalem", "מע״מ", "ע.מ.", cash="10"),
    "IN": _at("INR", "en_IN", "Asia/Kolkata", "GST", "GSTIN"),
    "IS": _at("ISK", "is_IS", "Atlantic/Reykjavik", "VSK", "VSK-nr."),
    "IT": _at("EUR", "it_IT", "Europe/Rome", "IVA", "P. IVA", cash="5"),
    "JP": _at("JPY", "ja_JP", "Asia/Tokyo", "消費税", "登録番号"),
    "KR": _at("KRW", "ko_KR", "Asia/Seoul", "부가세", "사업자등록번호"),
    "LT": _at("EUR", "lt_LT", "Europe/Vilnius", "PVM", "PVM kodas", cash="5"),
    "LU": _at("EUR", "fr_LU", "Europe/Luxembourg", "TVA", "N° TVA"),
    "LV": _at("EUR", "lv_LV", "Europe/Riga", "PVN", "PVN nr."),
    "MT": _at("EUR", "en_MT", "Europe/Malta", "VAT", "VAT no."),
    "MX": _at("MXN", "es_MX", _MX, "IVA", "RFC", paper="letter"),
    "MY": _at("MYR", "en_MY", "Asia/Kuala_Lumpur Asia/Kuching", "SST", "SST no.", cash="5"),
    "NL": _at("EUR", "nl_NL", "Europe/Amsterdam", "btw", "Btw-nr.", cash="5"),
    "NO": _at("NOK", "nb_NO", "Europe/Oslo", "MVA", "Org.nr.", cash="100"),
    "NZ": _at("NZD", "en_NZ", "Pacific/Auckland Pacific/Chatham", "GST", "GST no.", cash="10_down"),
    "PH": _at("PHP", "en_PH", "Asia/Manila", "VAT", "TIN", paper="letter"),
    "PL": _at("PLN", "pl_PL", "Europe/Warsaw", "VAT", "NIP"),
    "PT": _at("EUR", "pt_PT", "Europe/Lisbon Atlantic/Madeira Atlantic/Azores", "IVA", "NIF"),
    "RO": _at("RON", "ro_RO", "Europe/Bucharest", "TVA", "CIF"),
    "SE": _at("SEK", "sv_SE", "Europe/Stockholm", "moms", "Momsreg.nr.", cash="100"),
    "SG": _at("SGD", "en_SG", "Asia/Singapore", "GST", "GST reg. no."),
    "SI": _at("EUR", "sl_SI", "Europe/Ljubljana", "DDV", "ID za DDV"),
    "SK": _at("EUR", "sk_SK", "Europe/Bratislava", "DPH", "IČ DPH", cash="5"),
    "TH": _at("THB", "th_TH", "Asia/Bangkok", "VAT", "Tax ID"),
    "TR": _at("TRY", "tr_TR", "Europe/Istanbul", "KDV", "VKN"),
    "TW": _at("TWD", "zh_TW", "Asia/Taipei", "營業稅", "統一編號"),
    "US": _at("USD", "en_US", _US, "Sales tax", "EIN", inclusive=False, paper="letter"),
    "ZA": _at("ZAR", "en_ZA", "Africa/Johannesburg", "VAT", "VAT no."),
}

COUNTRIES = tuple(_HABITS)


def habits(country: str) -> Habits:
    """The proposals of a country (ISO 3166, two letters); empty ones where it is not listed."""
    return _HABITS.get(country, _UNKNOWN)
