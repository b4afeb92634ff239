import pytest

from content.markup.alphabets import find_mixtures
from content.markup.problems import WARNING, find


@pytest.mark.parametrize(
    ("word", "letter"),
    [
        ("Nа", "а"),
        ("мcg", "м"),
        ("рH", "р"),
        ("раracetamol", "р"),
        ("pαracetamol", "α"),
        ("dοse", "ο"),
        ("ΝSAID", "Ν"),
        ("5-ΗT", "Η"),
        ("Αlteplase", "Α"),
        ("νаlue", "а"),
        ("βа", "а"),
        ("naproхen", "х"),
    ],
)
def test_a_letter_that_looks_like_one_of_another_alphabet_is_named(word, letter):
    [mixture] = find_mixtures(f"Give {word} now")

    assert mixture.letter == letter
    [problem] = find(f"Fine.\n\nGive {word} now")
    assert (problem.line, problem.level) == (3, WARNING)
    assert f"its {letter} is " in problem.message


def test_the_letter_has_its_name():
    [problem] = find("Measure Nа daily.")

    assert (
        problem.message == "“Nа” mixes two alphabets: its а is CYRILLIC SMALL LETTER A (U+0430). Type the word again."
    )


@pytest.mark.parametrize(
    "text",
    [
        "µg", "μg", "μmol", "μL", "β-blocker", "α1", "β2-agonist", "TNFα", "anti-TNFα", "IFNγ", "IFNγR1", "TGFβ1",
        "NFκB", "IκBα", "IKKβ", "ΔG", "ΔΨm", "ΔHb", "Ω", "kΩ", "Δ", "5-HT₃", "PPARγ", "HIF1α", "PGC1α", "FcεRI",
        "FcγRIIa", "Gβγ", "TCRαβ", "αvβ3", "αIIbβ3", "Aβ42", "λmax", "χ²", "βhCG", "γGT", "ωconotoxin", "rhIFNα",
        "cm²", "½", "Ångström", "naïve", "Sjögren", "ﬁbre", "K", "Å", "ªº", "Жизнь", "Памятка для пациента",
        "θεραπεία", "α β γ", "日本語MRI", "ABO",
    ],
)  # fmt: skip
def test_greek_that_stands_for_itself_and_whole_words_are_fine(text):
    assert list(find_mixtures(f"Give {text} now")) == []


def test_words_in_code_and_comments_are_left_alone():
    assert find("Write `Nа` so.") == []
