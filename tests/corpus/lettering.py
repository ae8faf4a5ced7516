"""The ways in which Vietnamese text gets lost: old fonts, old code pages, bytes read as another encoding.

Written by hand from the fonts' own charts, so that the product's tables have somebody to disagree with.
"""

import unicodedata
from collections.abc import Callable

_TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
"""None, huyền, hỏi, ngã, sắc, nặng: the order of the rows below."""

# What a TCVN3 (ABC) font shows as these letters, as a machine without the font sees it.
_TCVN3 = {
    "a": "aµ¶·¸¹",
    "ă": "¨»¼½¾Æ",
    "â": "©ÇÈÉÊË",
    "e": "eÌÎÏÐÑ",
    "ê": "ªÒÓÔÕÖ",
    "i": "i×ØÜÝÞ",
    "o": "oßáâãä",
    "ô": "«åæçèé",
    "ơ": "¬êëìíî",
    "u": "uïñòóô",
    "ư": "\u00adõö÷øù",
    "y": "yúûüýþ",
}
_TCVN3_CAPITALS = {"Ă": "¡", "Â": "¢", "Ê": "£", "Ô": "¤", "Ơ": "¥", "Ư": "¦", "Đ": "§", "đ": "®"}

_VNI_PLAIN = ("", "ø", "û", "õ", "ù", "ï")
_VNI_HAT = ("â", "à", "å", "ã", "á", "ä")
_VNI_BREVE = ("ê", "è", "ú", "ü", "é", "ë")
_VNI_MARKS = {
    **{letter: (letter, _VNI_PLAIN) for letter in "aeouy"},
    "ă": ("a", _VNI_BREVE),
    **{letter: (base, _VNI_HAT) for letter, base in {"â": "a", "ê": "e", "ô": "o"}.items()},
    "ơ": ("ô", _VNI_PLAIN),
    "ư": ("ö", _VNI_PLAIN),
}
_VNI_I = "iìæóíò"


def _apart(letter: str) -> tuple[str, int]:
    """A letter's base with its hat, breve or horn, and the number of its tone."""
    for number, tone in enumerate(_TONES[1:], start=1):
        if letter != tone and tone in (parts := unicodedata.normalize("NFD", letter)):
            return unicodedata.normalize("NFC", parts.replace(tone, "")), number
    return letter, 0


def tcvn3(text: str) -> str:
    """Typed for a TCVN3 font. Its capitals have no tones, so those come as small letters, as people typed them."""

    def typed(letter: str) -> str:
        if letter in _TCVN3_CAPITALS:
            return _TCVN3_CAPITALS[letter]
        base, tone = _apart(letter)
        return _TCVN3[base.lower()][tone] if tone or base in _TCVN3 else letter

    return "".join(map(typed, text))


def tcvn3_capitals(text: str) -> str:
    """Typed for a .Vn…H font, which shows small letters as capitals."""
    return tcvn3(text.lower())


def vni(text: str) -> str:
    """Typed for a VNI font."""

    def typed(letter: str) -> str:
        if letter.lower() == "đ":
            return "ñ" if letter == "đ" else "Ñ"
        base, tone = _apart(letter)
        if base.lower() == "i":
            seen = _VNI_I[tone]
        elif base.lower() in _VNI_MARKS:
            stem, marks = _VNI_MARKS[base.lower()]
            seen = stem + marks[tone]
        else:
            return letter
        return seen.upper() if letter.isupper() else seen

    return "".join(map(typed, text))


def _tones_apart(text: str) -> str:
    """As windows-1258 wants it: letters with hat, breve and horn whole, the tones behind them as marks."""
    whole = (_apart(letter) for letter in unicodedata.normalize("NFC", text))
    return "".join(base + _TONES[tone] for base, tone in whole)


def windows_1258(text: str) -> bytes:
    """In windows-1258, each tone a byte of its own."""
    return _tones_apart(text).encode("cp1258")


def _western(data: bytes) -> str:
    """Bytes as a program shows them that takes them for windows-1252; its five free bytes stay themselves."""
    return "".join(
        bytes([byte]).decode("cp1252") if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(byte) for byte in data
    )


def mojibake(text: str) -> str:
    """UTF-8 that was read as windows-1252."""
    return _western(text.encode())


LETTERINGS: dict[str, Callable[[str], str]] = {
    "tcvn3": tcvn3,
    "tcvn3_capitals": tcvn3_capitals,
    "vni": vni,
    "mojibake": mojibake,
    "mojibake_twice": lambda text: mojibake(mojibake(text)),
    "mojibake_latin1": lambda text: text.encode().decode("latin-1"),
    "windows_1258_as_1252": lambda text: _western(windows_1258(text)),
    "tones_apart": _tones_apart,
    "nfd": lambda text: unicodedata.normalize("NFD", text),
    "full_width": lambda text: "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text),
}
"""By what name the table asks for each."""


def encoded(text: str, encoding: str) -> bytes:
    """The text's bytes; `western` is windows-1252 with its five free bytes."""
    if encoding == "windows-1258":
        return windows_1258(text)
    if encoding == "western":
        return b"".join(bytes([ord(sign)]) if ord(sign) < 0x100 else sign.encode("cp1252") for sign in text)
    return text.encode(encoding)
