"""Ways to ask for a sum, a difference or a product in languages other than English. Data, and how numbers are written there.

Western digits everywhere. Held out: one wording per language and operation (`OTHER_UNSEEN`).
"""

from __future__ import annotations

import re

OTHER_LANGUAGES: dict[str, dict[str, tuple[str, ...]]] = {
    "Chinese": {
        "+": ("{a} 加 {b} 等于多少？", "{a} + {b} 等于几？", "计算 {a} 加 {b}。"),
        "-": ("{a} 减 {b} 等于多少？", "{a} - {b} 等于几？", "计算 {a} 减 {b}。"),
        "×": ("{a} 乘 {b} 等于多少？", "{a} × {b} 等于几？", "计算 {a} 乘以 {b}。"),
    },
    "Spanish": {
        "+": ("¿Cuánto es {a} + {b}?", "¿Cuánto es {a} más {b}?", "Suma {a} y {b}."),
        "-": ("¿Cuánto es {a} - {b}?", "¿Cuánto es {a} menos {b}?", "Resta {b} de {a}."),
        "×": ("¿Cuánto es {a} × {b}?", "¿Cuánto es {a} por {b}?", "Multiplica {a} por {b}."),
    },
    "French": {
        "+": ("Combien font {a} + {b} ?", "Combien font {a} plus {b} ?", "Additionne {a} et {b}."),
        "-": ("Combien font {a} - {b} ?", "Combien font {a} moins {b} ?", "Soustrais {b} de {a}."),
        "×": ("Combien font {a} × {b} ?", "Combien font {a} fois {b} ?", "Multiplie {a} par {b}."),
    },
    "German": {
        "+": ("Wie viel ist {a} + {b}?", "Wie viel ist {a} plus {b}?", "Addiere {a} und {b}."),
        "-": ("Wie viel ist {a} - {b}?", "Wie viel ist {a} minus {b}?", "Ziehe {b} von {a} ab."),
        "×": ("Wie viel ist {a} × {b}?", "Wie viel ist {a} mal {b}?", "Multipliziere {a} mit {b}."),
    },
    "Japanese": {
        "+": ("{a} + {b} はいくつですか？", "{a} たす {b} は？", "{a} に {b} を足してください。"),
        "-": ("{a} - {b} はいくつですか？", "{a} ひく {b} は？", "{a} から {b} を引いてください。"),
        "×": ("{a} × {b} はいくつですか？", "{a} かける {b} は？", "{a} に {b} を掛けてください。"),
    },
    "Persian": {
        "+": ("{a} + {b} چند می‌شود؟", "{a} به علاوه {b} چند است؟", "{a} و {b} را جمع کن."),
        "-": ("{a} - {b} چند می‌شود؟", "{a} منهای {b} چند است؟", "{b} را از {a} کم کن."),
        "×": ("{a} × {b} چند می‌شود؟", "{a} ضربدر {b} چند است؟", "{a} را در {b} ضرب کن."),
    },
}
OTHER_UNSEEN: dict[str, dict[str, tuple[str, ...]]] = {
    "Chinese": {"+": ("请算一下 {a} 加 {b}。",), "-": ("请算一下 {a} 减 {b}。",), "×": ("请算一下 {a} 乘以 {b}。",)},
    "Spanish": {"+": ("Calcula {a} más {b}.",), "-": ("Calcula {a} menos {b}.",), "×": ("Calcula {a} por {b}.",)},
    "French": {"+": ("Calcule {a} plus {b}.",), "-": ("Calcule {a} moins {b}.",), "×": ("Calcule {a} fois {b}.",)},
    "German": {"+": ("Berechne {a} plus {b}.",), "-": ("Berechne {a} minus {b}.",), "×": ("Berechne {a} mal {b}.",)},
    "Japanese": {
        "+": ("{a} たす {b} を計算してください。",), "-": ("{a} ひく {b} を計算してください。",), "×": ("{a} かける {b} を計算してください。",),
    },
    "Persian": {
        "+": ("حاصل {a} به علاوه {b} را بگو.",), "-": ("حاصل {a} منهای {b} را بگو.",), "×": ("حاصل {a} ضربدر {b} را بگو.",),
    },
}  # fmt: skip


def ungrouped(text: str) -> str:
    """Return the text with its thousands written without separator: 1.234, 1 234 and 1٬234 are 1234 outside English."""
    return re.sub(r"(?<=\d)[. \u00a0\u202f\u066c](?=\d{3}(?!\d))", "", text)
