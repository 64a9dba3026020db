"""Text in encodings older than Unicode: what a file declares, else what its bytes look like. Pure.

Reached only by files that are not plain UTF-8; imports charset-normalizer only for those of them that declare nothing.
charset-normalizer finds which encodings the bytes can be read in without a mess. Of several it takes one that is wrong
for every tenth file of Chinese and every third of French, as it knows prose rather than comments between code; so
which of them it is follows from how common the characters are. On translated messages of Debian's programs, each after
a line of code, 0.9 of the files with one message are read right in each of the encodings below, 0.97 with three.
"""

import codecs
import re

DECLARED_WITHIN_BYTES = 1024
"""Where HTML's declaration must stand; the others are in a file's first two, or first and last five, lines."""

DETECTED_BYTES = 16_384  # Lines that are not ASCII, read to tell the encoding; a few lines are enough.
MOST_BROKEN = 0.1
"""The share of a text's characters beyond ASCII that may be broken if the encoding is known otherwise."""

_NAME = rb"([A-Za-z][\w.:-]*)"
_IN_FIRST_LINES = re.compile(rb"coding[ \t]*[:=][ \t]*[\"']?" + _NAME)
"""Python, Ruby, Emacs, Vim's ``fileencoding``, ``<?xml encoding=…?>`` and PHP's ``declare`` all say it like this."""
_STYLE_SHEET = re.compile(rb"\A@charset [\"']" + _NAME)
_META = re.compile(rb"<meta\b[^>]*?\bcharset[ \t]*=[ \t]*[\"']?" + _NAME, re.IGNORECASE)
_MODELINE = re.compile(rb"(?:^|[ \t])(?:vim?|ex):.*?\b(?:fenc|fileencoding)=" + _NAME)
_MODELINES = 5
_LINE_END_SUFFIX = re.compile(r"-(?:unix|dos|mac)\Z")
_CUT = re.compile(rb"[\x00-\x2f][^\x00-\x2f]*\Z")
"""The last byte that is no part of a longer character in any of the encodings."""

_PROBE = b"name = '\\x41+AGE-'\n"
"""UTF-16 and EBCDIC do not read this as it stands, nor do Python's codecs for escapes."""

_SUPERSETS = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932",
    "euc_kr": "cp949", "big5": "big5hkscs", "iso8859-9": "cp1254",
}  # fmt: skip
"""What is meant in practice by an encoding's name, as the WHATWG's Encoding Standard has it."""


def decode_legacy(data: bytes) -> str:
    """Decode text that is not plain UTF-8: as declared, as UTF-8 with few broken bytes, as detected, else Latin-1."""
    declared = declared_encoding(data)
    for encoding in (declared, "utf-8"):
        text = _mostly(data, encoding) if encoding else None
        if text is not None:
            return text
    return data.decode(_detected(data) or "latin-1", "replace")


def declared_encoding(data: bytes) -> str | None:
    """Return the codec that a file says it is written in, None when it says nothing or names none known here."""
    head = data[:DECLARED_WITHIN_BYTES]
    lines = head.split(b"\n", _MODELINES)[:_MODELINES]
    last = data[-DECLARED_WITHIN_BYTES:].rstrip().split(b"\n")[-_MODELINES:]
    found = (
        _STYLE_SHEET.search(head),
        *(_IN_FIRST_LINES.search(line) for line in lines[:2]),
        _META.search(head),
        *(_MODELINE.search(line) for line in (*lines, *last)),
    )
    return next((codec for match in found if match and (codec := _codec(match[1]))), None)


def _codec(name: bytes) -> str | None:
    """Return the codec of a name if it reads plain ASCII as it stands, so that it can have written the name."""
    clean = _LINE_END_SUFFIX.sub("", name.decode("ascii").lower()).removeprefix("x-")
    try:
        codec = codecs.lookup(clean).name
        codec = _SUPERSETS.get(codec, codec)
        known = (_PROBE + b"\xff").decode(codec, "replace").startswith(_PROBE.decode("ascii"))
        return codec if known else None
    except (LookupError, UnicodeError, ValueError):
        return None


def _mostly(data: bytes, encoding: str) -> str | None:
    """Return the text in an encoding, None when too much of it is broken."""
    text = data.decode(encoding, "replace")
    broken = text.count("\ufffd")
    return text if broken <= MOST_BROKEN * (len(text) - len(text.encode("ascii", "ignore"))) else None


def _detected(data: bytes) -> str | None:
    """Return the encoding whose characters are the commonest, of those that the bytes can be read in."""
    from charset_normalizer import from_bytes  # noqa: PLC0415 - takes 20 ms, and few files need it

    sample = b"\n".join(line for line in data.split(b"\n") if not line.isascii())
    if len(sample) > DETECTED_BYTES:
        sample = _CUT.sub(b"", sample[:DETECTED_BYTES])
    readable = from_bytes(sample, cp_isolation=list(_FAMILIES), threshold=MOST_MESS)
    rated = [
        (_commonness(encoding, str(match)) - MESS_WEIGHT * match.chaos, encoding)
        for match in readable
        for encoding in (match.encoding, *match.could_be_from_charset)
        if encoding in _FAMILIES
    ]
    score, encoding = max(rated, default=(0.0, None))
    return encoding if score > LEAST_COMMON else None


MOST_MESS = 0.5  # charset-normalizer's own limit of 0.2 refuses Korean with code in it.
MESS_WEIGHT = 0.3
LEAST_COMMON = -0.5  # What is less like text than this is in none of the encodings; Latin-1 at least loses no byte.

COMMON, LEVEL_ONE, SIGN, ODD, WRONG = 1.0, 0.4, 0.3, -0.3, -1.0
"""What a character says for an encoding: of its language's commonest, of the standard's first level, a punctuation
mark, one that hardly occurs, one that no text of the time holds."""

_CHINESE = frozenset(
    "的用件文不无数在法有个字为中是出一行时名符定使式表标选能置到项输对目要入可效列或作已错以于设指录存本示值未器程和据将分包参号进新取"
    "类误模接没引命信型失被过令制大除格显支语配前序了正建间务上后户组提重息动败如更密打位所需库认码部开变下子加关称内换发小量改空应同查果"
    "持索区现必系并写创版多读签度键此最从"
)
_TRADITIONAL_CHINESE = frozenset(
    "的用檔無不案定法在有式數使個目中時選名為設是出指入一取項行列件示位輸元要標到以錯效存稱資已可號或作新未本誤能除錄分顯程區組將於引符"
    "結提值動者格訊沒開表版重正合前語令支建失模更對料變如和碼後執大敗立預所置鍵過間啟型發來參包讀交生寫請會果了被需度子應解空鑰器上文否理"
    "這記工內下物串從得類您第移小單"
)
_KOREAN = frozenset(
    "다이니을지수에습는로를없자하일가시스의정파용기합서음사할리트인한은어않션있오문터위그대드제아만값으름상보실함치입옵패해력표프작모부데형전버"
    "크중된명바식되키행고면소나경도업설여못요열디출들개구호적번변블메잘성과세목거령원록라야비동테료류레환내브필미조렉했장복단현태연너읽무타우"
    "재체마유안러었추화주본코와"
)
"""The 150 commonest characters of messages of programs, which make up two thirds of them."""
_KANA = frozenset(map(chr, (*range(0x3041, 0x3097), *range(0x30A1, 0x30FB), 0x30FC)))

_FAMILIES = {
    "gb18030": ("gb2312", 0xB0, 0xD7, _CHINESE),
    "cp932": ("euc_jp", 0xB0, 0xCF, _KANA),
    "euc_jp": ("euc_jp", 0xB0, 0xCF, _KANA),
    "cp949": ("euc_kr", 0xB0, 0xC8, _KOREAN),
    "big5hkscs": ("big5", 0xA4, 0xC6, _TRADITIONAL_CHINESE),
    "cp1252": ("", 0, 0, frozenset("àâäáãåæçéèêëíìîïñóòôöõøœúùûüýßÿ")),
    "cp1250": ("", 0, 0, frozenset("ąćęłńóśźżáčďéěíňřšťúůýžőűäöüßăâîşţ")),
    "cp1251": ("", 0, 0, frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюя")),
    "koi8_r": ("", 0, 0, frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюя")),
}
"""The encodings that are told apart. Where characters take several bytes: the standard whose first level is asked for,
the first bytes of that level, and common characters; else common letters."""

_SIGNS = frozenset("«»‘’“”–—…·©®°§±²³µ€£¡¿ªº×№\xa0")
_RUN = re.compile(r"[^\x00-\x7f]+")
_PUNCTUATION_BYTES = (0xA1, 0xA3)
_HALF_WIDTH = 0x8E  # What half-width katakana begin with in EUC-JP.
_LETTERS_IN_A_ROW = 2  # Of Latin script; three accented letters side by side are a misread longer character.


def _commonness(encoding: str, text: str) -> float:
    """Return how common the characters beyond ASCII are in what an encoding is used for, from -1 to 1."""
    standard, _, _, common = _FAMILIES[encoding]
    rate = _rate_wide if standard else _rate_cyrillic if "я" in common else _rate_latin
    points = [
        point
        for run in _RUN.finditer(text)
        for point in rate(run[0], text[run.start() - 1 : run.start()], text[run.end() : run.end() + 1], encoding)
    ]
    return sum(points) / len(points) if points else 0.0


def _rate_wide(run: str, before: str, after: str, encoding: str) -> list[float]:
    standard, first, last, common = _FAMILIES[encoding]
    if len(run) == 1 and before.isalpha() and after.isalpha():
        return [WRONG]  # Two accented letters within a word.
    points: list[float] = []
    for character in run:
        try:
            data = character.encode(standard)
        except UnicodeEncodeError:
            points.append(WRONG)
            continue
        if character in common:
            points.append(COMMON)
        elif len(data) == 1 or data[0] == _HALF_WIDTH:
            points.append(WRONG)
        elif first <= data[0] <= last:
            points.append(LEVEL_ONE)
        else:
            points.append(SIGN if data[0] in _PUNCTUATION_BYTES else ODD)
    return points


def _rate_cyrillic(run: str, before: str, after: str, encoding: str) -> list[float]:
    if before.isalpha() or after.isalpha():
        return [ODD] * len(run)  # A word is in one script.
    common = _FAMILIES[encoding][3]
    points = [0.6 if c in common else SIGN if c.lower() in common or c in _SIGNS or c in "ёЁ" else ODD for c in run]
    return points if len(run) > 1 else [points[0] - 0.8]  # Words of one letter are rare, lone accents are not.


def _rate_latin(run: str, before: str, _after: str, encoding: str) -> list[float]:
    common = _FAMILIES[encoding][3]
    if len(run) > _LETTERS_IN_A_ROW + 1:
        return [WRONG] * len(run)
    points: list[float] = []
    for character in run:
        if character.lower() in common and len(run) <= _LETTERS_IN_A_ROW:
            points.append(0.5 if encoding == "cp1252" else 0.45)  # Of two that fit alike it is the commoner one.
        elif character in _SIGNS and not before.isalpha():
            points.append(SIGN)
        else:
            points.append(-0.5 if before.isalpha() and not character.isalpha() and character not in "’…»”“—–®" else 0.0)
    if len(run) == 1 and run.isupper() and before.islower():
        points[0] += WRONG
    return points
