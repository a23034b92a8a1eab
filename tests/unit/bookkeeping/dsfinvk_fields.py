"""The fields of the DSFinV-K 2.4, written down from public readers of its index.xml: file, then name and size of columns.

A size is the most letters of a text, or the decimals of a number with an N before it. The first three columns, which every
file has, are not repeated.
"""

from __future__ import annotations

EVERY = "Z_KASSE_ID 50 Z_ERSTELLUNG 30 Z_NR N0"
FIELDS = {
    "cashpointclosing.csv": """Z_BUCHUNGSTAG 25 TAXONOMIE_VERSION 10 Z_START_ID 40 Z_ENDE_ID 40 NAME 60 STRASSE 60 PLZ 10
        ORT 62 LAND 3 STNR 20 USTID 15 Z_SE_ZAHLUNGEN N2 Z_SE_BARZAHLUNGEN N2""",
    "location.csv": "LOC_NAME 60 LOC_STRASSE 60 LOC_PLZ 10 LOC_ORT 62 LOC_LAND 3 LOC_USTID 15",
    "cashregister.csv": """KASSE_BRAND 50 KASSE_MODELL 50 KASSE_SERIENNR 70 KASSE_SW_BRAND 50 KASSE_SW_VERSION 50
        KASSE_BASISWAEH_CODE 3 KEINE_UST_ZUORDNUNG 1""",
    "slaves.csv": """TERMINAL_ID 50 TERMINAL_BRAND 50 TERMINAL_MODELL 50 TERMINAL_SERIENNR 70 TERMINAL_SW_BRAND 50
        TERMINAL_SW_VERSION 50""",
    "pa.csv": """AGENTUR_ID N0 AGENTUR_NAME 60 AGENTUR_STRASSE 60 AGENTUR_PLZ 10 AGENTUR_ORT 62 AGENTUR_LAND 3
        AGENTUR_STNR 20 AGENTUR_USTID 15""",
    "tse.csv": """TSE_ID N0 TSE_SERIAL 68 TSE_SIG_ALGO 21 TSE_ZEITFORMAT 31 TSE_PD_ENCODING 5 TSE_PUBLIC_KEY 512
        TSE_ZERTIFIKAT_I 1000 TSE_ZERTIFIKAT_II 1000""",
    "vat.csv": "UST_SCHLUESSEL N0 UST_SATZ N2 UST_BESCHR 55",
    "businesscases.csv": "GV_TYP 30 GV_NAME 40 AGENTUR_ID N0 UST_SCHLUESSEL N0 Z_UMS_BRUTTO N5 Z_UMS_NETTO N5 Z_UST N5",
    "payment.csv": "ZAHLART_TYP 25 ZAHLART_NAME 60 Z_ZAHLART_BETRAG N2",
    "cash_per_currency.csv": "ZAHLART_WAEH 3 ZAHLART_BETRAG_WAEH N2",
    "transactions.csv": """BON_ID 40 BON_NR N0 BON_TYP 30 BON_NAME 60 TERMINAL_ID 50 BON_STORNO 1 BON_START 30 BON_ENDE 30
        BEDIENER_ID 50 BEDIENER_NAME 50 UMS_BRUTTO N2 KUNDE_NAME 50 KUNDE_ID 50 KUNDE_TYP 50 KUNDE_STRASSE 60 KUNDE_PLZ 10
        KUNDE_ORT 62 KUNDE_LAND 3 KUNDE_USTID 15 BON_NOTIZ 255""",
    "datapayment.csv": """BON_ID 40 ZAHLART_TYP 25 ZAHLART_NAME 60 ZAHLWAEH_CODE 3 ZAHLWAEH_BETRAG N2
        BASISWAEH_BETRAG N2""",
    "lines.csv": """BON_ID 40 POS_ZEILE 50 GUTSCHEIN_NR 50 ARTIKELTEXT 255 POS_TERMINAL_ID 50 GV_TYP 30 GV_NAME 40 INHAUS 1
        P_STORNO 1 AGENTUR_ID N0 ART_NR 50 GTIN 50 WARENGR_ID 40 WARENGR 50 MENGE N3 FAKTOR N3 EINHEIT 50 STK_BR N5""",
    "itemamounts.csv": "BON_ID 40 POS_ZEILE 50 TYP 20 UST_SCHLUESSEL N0 PF_BRUTTO N5 PF_NETTO N5 PF_UST N5",
    "subitems.csv": """BON_ID 40 POS_ZEILE 50 ZI_ART_NR 50 ZI_GTIN 50 ZI_NAME 60 ZI_WARENGR_ID 40 ZI_WARENGR 50 ZI_MENGE N3
        ZI_FAKTOR N3 ZI_EINHEIT 50 ZI_UST_SCHLUESSEL N0 ZI_BASISPREIS_BRUTTO N5 ZI_BASISPREIS_NETTO N5
        ZI_BASISPREIS_UST N5""",
    "transactions_tse.csv": """BON_ID 40 TSE_ID N0 TSE_TANR N0 TSE_TA_START 30 TSE_TA_ENDE 30 TSE_TA_VORGANGSART 30
        TSE_TA_SIGZ N0 TSE_TA_SIG 512 TSE_TA_FEHLER 200 TSE_VORGANGSDATEN 1000""",
    "transactions_vat.csv": "BON_ID 40 UST_SCHLUESSEL N0 BON_BRUTTO N5 BON_NETTO N5 BON_UST N5",
    "lines_vat.csv": "BON_ID 40 POS_ZEILE 50 UST_SCHLUESSEL N0 POS_BRUTTO N5 POS_NETTO N5 POS_UST N5",
    "allocation_groups.csv": "BON_ID 40 ABRECHNUNGSKREIS 50",
    "references.csv": """BON_ID 40 POS_ZEILE 50 REF_TYP 20 REF_NAME 40 REF_DATUM 30 REF_Z_KASSE_ID 50 REF_Z_NR N0
        REF_BON_ID 40""",
}
NAMES = {
    "cashpointclosing.csv": "Stamm_Abschluss", "location.csv": "Stamm_Orte", "cashregister.csv": "Stamm_Kassen",
    "slaves.csv": "Stamm_Terminals", "pa.csv": "Stamm_Agenturen", "tse.csv": "Stamm_TSE", "vat.csv": "Stamm_USt",
    "businesscases.csv": "Z_GV_Typ", "payment.csv": "Z_Zahlart", "cash_per_currency.csv": "Z_Waehrungen",
    "transactions.csv": "Bonkopf", "datapayment.csv": "Bonkopf_Zahlarten", "lines.csv": "Bonpos",
    "itemamounts.csv": "Bonpos_Preisfindung", "subitems.csv": "Bonpos_Zusatzinfo",
    "transactions_tse.csv": "TSE_Transaktionen", "transactions_vat.csv": "Bonkopf_USt", "lines_vat.csv": "Bonpos_USt",
    "allocation_groups.csv": "Bonkopf_AbrKreis", "references.csv": "Bon_Referenzen",
}  # fmt: skip
BON_TYPES = {
    "Beleg", "AVRechnung", "AVTransfer", "AVBestellung", "AVTraining", "AVBelegstorno", "AVBelegabbruch", "AVSachbezug",
    "AVSonstige",
}  # fmt: skip
CASES = {
    "Umsatz", "Pfand", "PfandRueckzahlung", "Rabatt", "Aufschlag", "ZuschussEcht", "ZuschussUnecht", "TrinkgeldAG",
    "TrinkgeldAN", "EinzweckgutscheinKauf", "EinzweckgutscheinEinloesung", "MehrzweckgutscheinKauf",
    "MehrzweckgutscheinEinloesung", "Forderungsentstehung", "Forderungsaufloesung", "Anzahlungseinstellung",
    "Anzahlungsaufloesung", "Anfangsbestand", "Privatentnahme", "Privateinlage", "Geldtransit", "Lohnzahlung", "Einzahlung",
    "Auszahlung", "DifferenzSollIst",
}  # fmt: skip
PAYMENTS = {"Bar", "Unbar", "Keine", "ECKarte", "Kreditkarte", "ElZahlungsdienstleister", "Guthabenkarte"}
REFERENCES = {"ExterneRechnung", "ExternerLieferschein", "Transaktion", "ExterneSonstige"}
# Columns that may be empty in the files that hold rows here (Anhang G); all others are filled. What an article has, a line
# without one has not; of a client only the key is told.
MAY_BE_EMPTY = set(
    """Z_BUCHUNGSTAG STNR USTID LOC_USTID GV_NAME ZAHLART_NAME BON_NAME TERMINAL_ID BEDIENER_NAME KUNDE_NAME
    KUNDE_ID KUNDE_TYP KUNDE_STRASSE KUNDE_PLZ KUNDE_ORT KUNDE_LAND KUNDE_USTID BON_NOTIZ ZAHLWAEH_BETRAG GUTSCHEIN_NR
    POS_TERMINAL_ID ART_NR GTIN WARENGR_ID WARENGR EINHEIT REF_NAME REF_DATUM REF_Z_KASSE_ID REF_Z_NR""".split()
)
# Of a reference to the whole bon.
MAY_BE_EMPTY_OF = {"references.csv": {"POS_ZEILE"}}


def columns_of(file: str) -> list[tuple[str, str]]:
    """Name and size of each column of a file, in order."""
    words = f"{EVERY} {FIELDS[file]}".split()
    return list(zip(words[::2], words[1::2], strict=True))
