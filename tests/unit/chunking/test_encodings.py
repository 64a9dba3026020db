"""Files in encodings older than Unicode: declared ones, detected ones, and what must not cost anything."""

import subprocess
import sys

import pytest

from cognate.chunking.text import decode

SENTENCES = {
    "gb18030": ["# 登录失败时重试，并记录错误信息", "// 如果连接断开，则等待两秒后重新连接"],
    "cp932": ["# 接続が切れたら再試行する", "// ログイン情報を確認します。半角ｶﾅも使う"],
    "euc_jp": ["# 設定ファイルを読み込む", "; 受信した文字列を返す"],
    "cp949": ["# 연결이 끊어지면 다시 시도한다", "// 로그인 정보를 확인하는 함수"],
    "big5": ["# 連線中斷時重新嘗試登入", "// 讀取設定檔並傳回結果"],
    "cp1252": ["# Größe überschritten – „zurück“ an den Anfang", "// renvoie l’élément à supprimer", "% coleção"],
    "cp1251": ["# Повторить запрос при обрыве соединения", "// возвращает длину строки"],
}
CODE = "def load(path):\n    return open(path).read()\n\n\n"


def check(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")
    assert decode(data) == text


@pytest.mark.parametrize(
    "declaration",
    [
        "# -*- coding: {} -*-",
        "#!/usr/bin/env python\n# vim: set fileencoding={} :",
        "# encoding: {}",
        '<?xml version="1.0" encoding="{}"?>',
        "<?php declare(encoding='{}');",
        "/* -*- mode: c; coding: {}-unix -*- */",
        '@charset "{}";',
        '<html>\n<head>\n<title>x</title>\n<meta charset="{}">',
        '<!doctype html>\n<html>\n<head>\n<META http-equiv="Content-Type" content="text/html; charset={}">',
        "// one\n// two\n// three\n// vim: ts=4 fenc={} sw=4",
    ],
)
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("GBK", "认证"),
        ("Shift_JIS", "認証①"),
        ("EUC-JP", "認証"),
        ("euc-kr", "인증"),
        ("Big5", "認證"),
        ("koi8-r", "Вход"),
    ],
)
def test_a_declared_coding_is_believed_however_short_the_text(declaration: str, name: str, text: str):
    codec = {"Shift_JIS": "cp932"}.get(name, name)
    check(f"{declaration.format(name)}\n\n{text}\n", codec)


def test_a_modeline_may_stand_at_the_end():
    check("x = '漢字'\n" * 50 + "# vim:set ts=8 fenc=euc-jp:\n", "euc_jp")
    check("x = '한글'\r\n" * 50 + "# ex: fileencoding=cp949\r\n\r\n", "cp949")


def test_what_stands_further_down_declares_nothing():
    german = "# Größe\n"
    check(german * 3 + "# coding: koi8-r\n" + german * 3, "cp1252")


@pytest.mark.parametrize(
    "name",
    ["utf-16", "cp037", "rot13", "base64", "klingon", "undefined", "idna", "unicode_escape", "utf-7", "..", "utf-8"],
)
def test_a_declaration_that_cannot_be_true_is_passed_over(name: str):
    check(f"# coding: {name}\n# für größere Fußgänger \\x41\n", "cp1252")


def test_a_character_that_the_declared_coding_lacks_spoils_only_itself():
    data = "# coding: gbk\n# 登录失败时重试并且记录错误信息\n".encode("gbk") + b"# \xff\n"
    assert decode(data) == "# coding: gbk\n# 登录失败时重试并且记录错误信息\n# \ufffd\n"
    data = ("# naïve café, déjà vu, Ærø, Łódź\n" * 2).encode() + b"# \xff\n"
    assert decode(data) == "# naïve café, déjà vu, Ærø, Łódź\n" * 2 + "# \ufffd\n"


def test_iso_2022_is_read_where_it_is_declared():
    text = "# coding: iso-2022-jp\n# 認証\n"
    assert decode(text.encode("iso-2022-jp")) == text
    assert decode(b"echo -e '\x1b$'\n") == "echo -e '\x1b$'\n"


@pytest.mark.parametrize(("encoding", "line"), [(e, line) for e, lines in SENTENCES.items() for line in lines])
def test_an_undeclared_encoding_is_told_from_one_comment(encoding: str, line: str):
    check(f"{CODE}{line}\n{CODE}", encoding)
    check(f"{CODE * 400}{line}\r\n", encoding)


@pytest.mark.parametrize("encoding", SENTENCES)
def test_an_undeclared_encoding_is_told_from_a_long_file(encoding: str):
    check((CODE + "\n".join(SENTENCES[encoding]) + "\n") * 300, encoding)
    check("".join(f"{line} " for line in SENTENCES[encoding] * 2000), encoding)


def test_a_lone_letter_is_western():
    check("// caf\xe9\n", "cp1252")
    check("// \xa9 2020 M\xfcller\n", "cp1252")


def test_utf8_neither_imports_nor_runs_a_detector():
    program = (
        "import sys; from cognate.chunking.text import decode;"
        "text = '# größe 日本 \\N{ROCKET}\\n' * 100;"
        "assert decode(text.encode()) == text;"
        "assert not {'charset_normalizer', 'cognate.chunking.encodings'} & set(sys.modules);"
        "assert decode('# coding: gbk\\n# 认证'.encode('gbk')).endswith('认证');"
        "assert 'charset_normalizer' not in sys.modules;"
        "decode('# größe'.encode('cp1252'));"
        "assert 'charset_normalizer' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
