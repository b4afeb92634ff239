import re
import tracemalloc
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from content.models import UnfoundWord
from content.search import persons, query, unfound

# What someone searched for, and what is kept of it on a site that knows only the words in KNOWN.
KNOWN = {"relapse", "ms", "natalizumab", "sclerosis", "dose", "nice", "head", "crohn"}
CASES = [
    # What readers miss
    ("wegovy", "wegovy"),
    ("Ozempic", "ozempic"),
    ("mounjaro?", "mounjaro"),
    ("semaglutide", "semaglutide"),
    ("semaglutide tirzepatide liraglutide", "liraglutide semaglutide tirzepatide"),
    ("lecanemab donanemab", "donanemab lecanemab"),
    ("famvir", "famvir"),
    ("nirmatrelvir", "nirmatrelvir"),
    ("asthma's", "asthma"),
    ("wegovy's dose", "wegovy"),
    ("wegovy’s dose", "wegovy"),
    ("flu", "flu"),
    ("x" * 40, "x" * 40),
    ("wegovy dose", "wegovy"),
    ("wegovy and stroke", "stroke wegovy"),
    ("brain cancer", "brain cancer"),
    ("what is gout", "gout"),
    ("kidney stones", "kidney stones"),
    ("migraine in pregnancy", "migraine pregnancy"),
    ("co-amoxiclav", "co-amoxiclav"),
    ("relapse foot drop", "drop foot"),
    ("myocarditis", "myocarditis"),
    ("neurosarcoidosis leukoencephalopathy", "leukoencephalopathy neurosarcoidosis"),
    ("haematuria oedema", "haematuria oedema"),
    ("leucocyte wegovy", "leucocyte wegovy"),
    ("midwife", "midwife"),
    ("allopurinol amiloride", "allopurinol amiloride"),
    ("cylinder flesh", "cylinder flesh"),
    ("ms-asthma wegovy", "ms-asthma wegovy"),
    ("œdema", "oedema"),
    ("zyxømir", "zyxomir"),
    ("semaglutde", "semaglutde"),
    ("wegovi 2.4 mg", "wegovi"),
    ("naïve", "naive"),
    ("ms wegovy", ""),  # Ms Wegovy?
    ("ms headache", "headache"),
    ("miss a tablet", "tablet"),
    ("asthma in ms patients", "asthma patients"),
    # Nothing to keep
    ("", ""),
    ("  ?!", ""),
    ("the and of", ""),
    ("natalizumab dose", ""),
    ("ab", ""),
    ("24700007", ""),
    ("b12 cd20 g35", ""),
    ("x" * 41, ""),
    ("_ -- - '", ""),
    # Two words that could be anything are a first name and a surname
    ("wegovy ozempic", ""),
    ("zyxomir qaltrune", ""),
    ("zyxomir relapse qaltrune", ""),
    ("Žilvaraitis wegovy", ""),
    ("Qavir wegovy", ""),
    ("Smith-Zyxomir", ""),
    # People of many origins
    ("smith", ""), ("john smith", ""), ("Cholmondeley", ""), ("Nigel Ramsbottom", ""), ("Hermione", ""),
    ("o'brien", ""), ("O’Sullivan", ""), ("siobhan murphy", ""), ("Padraig", ""), ("Angharad Llewellyn", ""),
    ("Myfanwy", ""), ("hamish urquhart", ""), ("Mhairi MacLeod", ""), ("mcglynchey", ""), ("patel", ""),
    ("Harpreet Kaur", ""), ("Muhammad Akhtar", ""), ("Nasreen Begum", ""), ("Priya Krishnan", ""),
    ("wickramasinghe", ""), ("Gurung", ""), ("Shamsullah", ""), ("balvir", ""), ("Oluwaseun Adebayo", ""),
    ("oluwadarasimi", ""), ("Chukwuemeka", ""), ("Kwame Mensah", ""), ("wanjiku mwangi", ""),
    ("Abdirahman Warsame", ""),
    ("Tesfaye", ""), ("Tendai Moyo", ""), ("Thabo Mokoena", ""), ("Agnieszka Kowalczyk", ""), ("Wójcik", ""),
    ("Łukasz", ""), ("wieczorkiewicz", ""), ("Dąbrowska", ""), ("Zhang", ""), ("xiaoming li", ""),
    ("Siu-Ming Cheung", ""),
    ("Nguyen", ""), ("Khadija Al-Sayed", ""), ("Yousef", ""), ("Hussein", ""), ("Shevchenko", ""), ("Popescu", ""),
    ("Papadopoulos", ""), ("Özdemir", ""), ("Müller", ""), ("Gonçalves", ""), ("Smith-Jones", ""), ("delroy", ""),
    ("Goldberg", ""), ("parkinson's", ""), ("o'head wegovy", ""), ("john wegovy", ""),
    ("wegovy khan", ""), ("natalizumab patel", ""),
    # Built like a name, and in no list
    ("xiaoqing", ""), ("ogunbanjo", ""), ("abdirahim", ""), ("petrovich", ""), ("vyacheslav", ""),
    ("shufflebottom", ""), ("haythornthwaite", ""), ("brockhurst", ""), ("Widdecombe", ""), ("bebington", ""),
    ("sukhjit", ""), ("maninder", ""), ("kamlesh", ""), ("devendra", ""),
    ("fitzalan", ""), ("chukwunonso", ""), ("abdulqadir", ""), ("abdelhakim", ""), ("Kaczorowski", ""),
    ("trzebinski", ""), ("Koźlińska", ""), ("wasilczyk", ""), ("kostopoulou", ""), ("Hacıoğlu", ""), ("vasilescu", ""),
    ("gelashvili", ""), ("theodorakis", ""), ("sigurdsson", ""), ("Zdzisław", ""), ("bellingham", ""),
    ("calthorpe", ""), ("ackworth", ""), ("heatherton", ""), ("hinchcliffe", ""), ("sainsbury", ""), ("darbishire", ""),
    ("gurpreet", ""), ("daljeet", ""), ("kuldeep", ""), ("nizamuddin", ""), ("alizadeh", ""), ("gunawardena", ""),
    ("vijayalakshmi", ""),
    # In one list only
    ("akiko", ""), ("altagracia", ""), ("chong", ""), ("adalsteinn", ""), ("Aðalsteinn", ""), ("Akyıldız", ""),
    ("bialasik", ""), ("ostergaard", ""), ("durasevic", ""), ("altinkaya", ""), ("aevar", ""), ("bergthora", ""),
    ("mcenroe", ""),
    # Names that on a clinical site are nearly always the word
    ("urine sample", "sample urine"), ("chest drain strain", "chest drain strain"), ("blunt", ""), ("Bacon", ""),
    ("john asthma", "asthma"), ("crohn's patel tablet", "tablet"),
    # What says that it is about one person
    ("ann@clinic.example wegovy", ""), ("wegovy@x", ""), ("mr wegovy", ""), ("Mrs Asthma", ""), ("dr zyxomir", ""),
    ("Dr. Asthma", ""), ("prof migraine", ""), ("sister zyxomir asthma", ""), ("sister asthma", "asthma"),
    ("patient with asthma", ""), ("asthma in a patient’s mother", ""), ("named zyxomir", ""), ("nhs number asthma", ""),
    ("943 476 5919 asthma", ""), ("9434765919 asthma", ""), ("asthma dob 1945", ""), ("asthma 3/2/1945", ""),
    ("asthma 1945-02-03", ""), ("date of birth migraine", ""), ("asthma SW1A 1AA", ""),
    ("asthma SW1A1AA", ""), ("asthma LS11 4AB", ""), ("asthma m1 1ae", ""), ("asthma 3.2.45", ""),
    ("asthma 3-2-45", ""), ("asthma 123456", ""), ("asthma 123-456", ""), ("asthma 12345", "asthma"),
    ("nhs-number asthma", ""),
    # A word that is more than one, and could be an address of the web or a name
    ("zyxomir.net", ""), ("zyxo'qalt", ""), ("night’zyxomir", ""),
    # Other scripts: no list says if they are names
    ("Шевченко", ""), ("王小明", ""), ("محمد", ""), ("Παπαδόπουλος", ""), ("Иван wegovy", ""),
    ("שלום asthma", "asthma"),
    ("ｗｅｇｏｖｙ", "wegovy"), ("\x00wegovy\x1f", "wegovy"), ("'; DROP TABLE asthma; --", "asthma drop table"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "kept"), CASES)
def test_what_is_kept_of_a_search(typed, kept):
    asked = "".join(sign if sign.isprintable() else " " for sign in typed)
    unknown = [word for word in query.words_of(asked) if persons.plain(word) not in KNOWN]

    assert unfound.choose(asked, unknown) == kept.split()


ABOUT_ONE_PERSON = """
mr, mrs, mx, dr, prof, professor, patient, pt, named, called, name, surname, forename, firstname, lastname, nickname,
dob, mrn, born, postcode, birthday, date of birth, nhs number, chi no, hospital num, ward number, phone number,
mobile number, telephone number, passport number
"""
TITLES = "ms miss sister nurse sir lady lord dame rev father master matron"
WORDS_OF_MEDICINE = """
panniculitis nocardiosis hyperuricaemia hyperuricemia thymectomy fasciotomy nephrostomy radiculopathy radiculopathies
mastalgia lipiduria tetraplegia tetraplegic gastroparesis osteopenia odynophagia paraphasia thrombolysis elastography
venogram cystoscopy lipodystrophy rhinorrhoea rhinorrhea fibroplasia arthroplasty hepatoblastoma cholangiocarcinoma
osteosarcoma fibroadenoma paraganglioma paraesthesia dysesthesia dyskinesia dyspraxia orthopnoea orthopnea
"""


@pytest.mark.parametrize("words", ABOUT_ONE_PERSON.replace("\n", " ").split(", "))
def test_nothing_is_kept_of_a_search_that_is_about_one_person(words):
    assert unfound.choose(f"{words} asthma", [*words.split(), "asthma"]) == []


@pytest.mark.parametrize("name", ["zyxomir", "smith"])
@pytest.mark.parametrize("title", TITLES.split())
def test_what_may_be_a_name_after_a_title_leaves_nothing(title, name):
    assert unfound.choose(f"{title} {name} asthma", [title, name, "asthma"]) == []


@pytest.mark.parametrize("word", WORDS_OF_MEDICINE.split())
def test_a_word_of_medicine_may_stand_beside_another_word(word):
    assert word in unfound.choose(f"{word} zyxomir", [word, "zyxomir"])


def counted() -> dict[str, int]:
    return dict(UnfoundWord.objects.values_list("word", "times"))


def test_a_search_counts_words_by_day_and_nothing_else(client, publish, time_machine):
    publish("dose", title="Zirconium", body="Give vanadium.\n")

    client.get("/search/?q=vanadium+wegovy")
    client.get("/search/?q=Wegovy&as-typed")
    client.get("/search/?q=vanaduim")
    time_machine.move_to(timezone.now() + timedelta(days=1))
    client.get("/search/?q=wegovy")

    rows = list(UnfoundWord.objects.values().order_by("day"))
    assert [set(row) for row in rows] == [{"day", "word", "times"}] * 2
    assert [(row["word"], row["times"]) for row in rows] == [("wegovy", 2), ("wegovy", 1)]
    assert rows[1]["day"] - rows[0]["day"] == timedelta(days=1)


def test_only_a_question_that_someone_asked_is_counted(client, publish):
    publish("dose")

    client.head("/search/?q=wegovy")
    client.get("/search/suggest/?q=wegovy")
    client.get("/search/?q=wegovy", headers={"Sec-Purpose": "prefetch;prerender"})
    for reload in ("max-age=0", "no-cache"):
        client.get("/search/?q=wegovy", headers={"Cache-Control": reload})
    assert counted() == {}

    client.get("/search/?q=wegovy")
    assert counted() == {"wegovy": 1}


def test_what_the_site_knows_in_any_form_is_not_counted(client, publish):
    publish("dose", body="Haematuria and a naive patient with tumours in Behçet.\n")

    for typed in ("hematuria", "naïve", "tumor", "tumour", "behcet", "Behçet"):
        client.get("/search/", {"q": typed})

    assert counted() == {}


def test_a_robot_cannot_fill_the_table(client, publish, monkeypatch):
    monkeypatch.setattr(unfound, "MOST_A_DAY", 3)
    publish("dose")

    for word in ("asthma", "migraine", "gout", "stroke", "asthma"):
        client.get("/search/", {"q": word})

    assert counted() == {"asthma": 2, "migraine": 1, "gout": 1}


def test_a_database_that_refuses_does_not_stop_a_search(client, publish, caplog):
    publish("dose", body="Give vanadium.\n")
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE content_unfoundword")

    response = client.get("/search/?q=vanadium+wegovy")

    assert response.status_code == 200
    assert "/pages/dose/" in response.content.decode()
    [warning] = caplog.messages
    assert re.fullmatch(r"Words that were not found could not be counted: \w+Error", warning)


@pytest.mark.django_db(transaction=True)
def test_a_busy_database_does_not_hold_up_a_search(client, publish):
    publish("dose", body="Give vanadium.\n")
    client.get("/search/?q=wegovy")
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("UPDATE content_unfoundword SET times = 7")
            started = timezone.now()

            response = client.get("/search/?q=vanadium+wegovy")

            assert response.status_code == 200
            assert timezone.now() - started < timedelta(seconds=5)
        other.rollback()
    finally:
        other.close()
    assert counted() == {"wegovy": 1}
    client.get("/search/?q=wegovy")
    assert counted() == {"wegovy": 2}


def test_words_are_shown_and_kept_for_90_days(people, signed_in, capsys, time_machine):
    today = timezone.localdate()
    for days, word, times in ((0, "wegovy", 2), (89, "wegovy", 3), (0, "ozempic", 4), (90, "mounjaro", 50)):
        UnfoundWord.objects.create(day=today - timedelta(days=days), word=word, times=times)
    editor = signed_in(people.editor)

    desk, page = (editor.get(f"/admin/{path}").content.decode() for path in ("", "content/page/unfound/"))

    assert "Searched for and not found" in desk
    assert re.findall(r"<li><b>(\w+)</b> <span>(\d+)", desk) == [("wegovy", "5"), ("ozempic", "4")]
    assert re.findall(r'<th scope="row">(\w+)</th><td>(\d+)', page) == [
        ("ozempic", "4"),
        ("wegovy", "2"),
        ("wegovy", "3"),
    ]
    assert "mounjaro" not in desk + page
    call_command("forget_ended")
    assert "Deleted 1 unfound words." in capsys.readouterr().out
    assert UnfoundWord.objects.count() == 3


def test_the_lists_are_read_late_and_small():
    for lists in (persons._names, persons._english):
        lists.cache_clear()
    unfound.record(query.Results("relapse"))
    assert persons._names.cache_info().currsize == 0
    tracemalloc.start()

    assert unfound.choose("zyxomir", ["zyxomir"]) == ["zyxomir"]

    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 3_000_000
    assert persons._names().count(b"\n") > 45_000


def test_medicines_are_no_names():
    assert [name for name in persons.DRUGS if persons.is_name(name)] == []
    assert [word for word in ("aciclovir", "ganciclovir", "macrogol", "macitentan") if persons.is_name(word)] == []
