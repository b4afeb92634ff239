import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.search.look_alikes import DRUG_PAIRS, NAMES, WORD_PAIRS, WORDS, opposites, read_pairs
from content.search.spelling import LONGEST, MOST, Vocabulary, is_english, variants

BRITISH_AND_AMERICAN = """
anaemia anemia, anaemic anemic, anaesthesia anesthesia, anaesthetist anesthetist, apnoea apnea, aetiology etiology,
bacteraemia bacteremia, caecum cecum, coeliac celiac, diarrhoea diarrhea, diarrhoeal diarrheal, dyspnoea dyspnea,
dyslipidaemia dyslipidemia, faecal fecal, faeces feces, foetal fetal, foetus fetus, gonorrhoea gonorrhea,
gynaecology gynecology, gynaecological gynecological, haem heme, haematology hematology, haematuria hematuria,
haemoglobin hemoglobin, haemophilia hemophilia, haemorrhage hemorrhage, haemorrhoids hemorrhoids,
hyperglycaemia hyperglycemia, hyperkalaemia hyperkalemia, hyponatraemia hyponatremia, hypoglycaemic hypoglycemic,
hypovolaemic hypovolemic, hypoxaemia hypoxemia, intracerebroventriculohaemorrhage intracerebroventriculohemorrhage,
ischaemia ischemia, ischaemic ischemic, leucocyte leukocyte, leucocytes leukocytes, leucopenia leukopenia,
leucoencephalopathy leukoencephalopathy, leukaemia leukemia, lymphoedema lymphedema, methaemoglobin methemoglobin,
oedema edema, oesophageal esophageal, oesophagitis esophagitis, oesophagus esophagus, oestradiol estradiol,
oestrogen estrogen, orthopaedic orthopedic, paediatric pediatric, paediatrician pediatrician, papilloedema papilledema,
paraesthesia paresthesia, phaeochromocytoma pheochromocytoma, polycythaemia polycythemia, septicaemia septicemia,
tachypnoea tachypnea, thalassaemia thalassemia, thrombocythaemia thrombocythemia, uraemia uremia, viraemia viremia,
behaviour behavior, behavioural behavioral, colour color, favourable favorable, labour labor, tumour tumor,
tumours tumors, centre center, centres centers, fibre fiber, litre liter, millilitre milliliter,
multicentre multicenter, analyse analyze, analysing analyzing, dialysed dialyzed, paralysed paralyzed,
anonymised anonymized,
catheterised catheterized, crystallise crystallize, emphasise emphasize, hospitalised hospitalized, immunise immunize,
immunisation immunization, ionising ionizing, metabolised metabolized, metastasise metastasize, minimise minimize,
nebuliser nebulizer, optimise optimize, organisation organization, randomisation randomization,
randomised randomized, recognise recognize, stabilise stabilize, standardised standardized, summarise summarize,
synthesise synthesize, sympathise sympathize, utilise utilize, sulphate sulfate, sulphonamide sulfonamide,
aluminium aluminum, ageing aging, artefact artifact, counselling counseling, judgement judgment, labelled labeled,
neurone neuron, programme program, aciclovir acyclovir, adrenaline epinephrine, amoxicillin amoxycillin,
cefalexin cephalexin, colecalciferol cholecalciferol, furosemide frusemide, glibenclamide glyburide,
hydroxycarbamide hydroxyurea, lidocaine lignocaine, mesalazine mesalamine, noradrenaline norepinephrine,
paracetamol acetaminophen, pethidine meperidine, rifampicin rifampin, salbutamol albuterol,
suxamethonium succinylcholine, sulphasalazine sulfasalazine
"""
LOOK_ALIKES = [*read_pairs(DRUG_PAIRS), *read_pairs(WORD_PAIRS)]
PAIRS = [tuple(pair.split()) for pair in BRITISH_AND_AMERICAN.replace("\n", " ").split(",")]

SPELT_ONE_WAY = """
phone aerial does poem shoe toe size prize wise raise exercise four hour pour our whole heroes coexist poet phoenix
arise advertise advise anise capsize comprise compromise concise demise devise disguise enterprise excise expertise
franchise improvise improvisation incise likewise merchandise noise otherwise paradise practise praise precise premise
promise promising revise rise seize supervise surprise treatise valise clitorises citizen denizen horizon
magazine wizard them hemisphere hemiplegia hemp chemical chemotherapy mayhem academic academia epidemic endemic systemic
polemic bohemia meter metre gray grey tire draft cancer doctor motor sector donor liquor terror stupor pallor rubor
tremor per after ulcer fever liver other paper cell cecil septic estimate establish west rest best feta fetch edit
leucovorin leucine phobia graph digraph cephalic kephir pedal pedestrian pedometer neon peony etiolated ethic
natalizumab ocrelizumab multiple sclerosis angioedema phytoestrogen analysis dialysis paralysis hydrolysis catalyst
"""


@pytest.mark.parametrize(("british", "american"), PAIRS)
def test_a_word_is_also_found_in_its_other_spelling_both_ways(british, american):
    assert american in variants(british)
    assert british in variants(american)


@pytest.mark.parametrize("word", SPELT_ONE_WAY.split())
def test_a_word_with_one_spelling_gets_no_other(word):
    assert variants(word) == frozenset()


def test_a_word_with_two_places_has_all_its_spellings():
    assert variants("anesthetise") == {"anaesthetise", "anaesthetize", "anesthetize"}
    assert variants("cyclosporine") == {"ciclosporin", "cyclosporin"}


def test_other_spellings_never_join_two_look_alikes():
    for one, other in LOOK_ALIKES:
        assert other not in variants(one), (one, other)


@given(st.text("aehiotmsz", max_size=60))
def test_other_spellings_are_few_and_lead_back(word):
    found = variants(word)

    assert word not in found
    assert len(found) < MOST
    assert all(word in variants(other) for other in found if len(other) <= LONGEST and len(found) < MOST - 1)


def test_a_long_word_has_few_spellings_or_none():
    assert len(variants("sulphanaemirrhoeapnoeagynaecoesophag")) == MOST - 1
    assert variants("sulph" * 9) == frozenset()


def test_a_word_made_of_all_fragments_takes_no_time():
    began = time.process_time()
    for _ in range(100):
        variants("sulphaemianaesthesioesophagrrhoeapnoeau")
        variants("i" * 10_000)

    assert time.process_time() - began < 1


SITE = {
    "relapse": 90, "relapses": 30, "sclerosis": 200, "haematuria": 4, "oedema": 5, "diarrhoea": 3, "lymphocyte": 9,
    "alemtuzumab": 20, "glatiramer": 9, "warfarin": 1, "glyburida": 1,
    "natalizumab": 200, "ocrelizumab": 80, "hypertension": 8, "infusion": 50, "infection": 60, "lesions": 40,
    "antibodies": 12, "antibody": 20, "the": 900, "dose": 70, "a": 999, "ms": 500, "mri": 80, "jcv": 30, "biopsy": 2,
    "ophthalmology": 2, "pregnancy": 30, "september": 3, "arteries": 2, "virus": 3, "reflexes": 2,
}  # fmt: skip


@pytest.mark.parametrize(
    ("word", "is_known"),
    [
        ("relapse", True),
        ("hematuria", True),
        ("edema", True),
        ("dose", True),
        ("doses", True),
        ("lesion", True),
        ("biopsies", True),
        ("antibodys", True),
        ("pregnancies", True),
        ("artery", True),
        ("viruses", True),
        ("reflex", True),
        ("ms", True),
        ("relaspe", False),
        ("dos", False),
        ("", False),
    ],
)
def test_a_word_is_known_in_its_other_spelling_and_number(word, is_known):
    assert Vocabulary(SITE).knows(word) is is_known


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("relaspe", "relapse"),
        ("scelrosis", "sclerosis"),
        ("sclerosus", "sclerosis"),
        ("natalizmab", "natalizumab"),
        ("natilizimab", "natalizumab"),
        ("natalizumub", "natalizumab"),
        ("ocrelizumabb", "ocrelizumab"),
        ("natalizuab", "natalizumab"),
        ("natilizmab", "natalizumab"),
        ("ocelizumab", None),  # omalizumab is almost as near
        ("aletmuzumab", "alemtuzumab"),
        ("glatyramer", "glatiramer"),
        ("warfarim", "warfarin"),
        ("hypertesnion", "hypertension"),
        ("lympocyte", "lymphocyte"),
        ("lymfosyte", None),
        ("opthalmolgy", None),
        ("opthalmology", "ophthalmology"),
        ("hematuira", "haematuria"),
        ("haematuira", "haematuria"),
        ("diarhea", "diarrhoea"),
        ("infextion", "infection"),
        ("scelroses", "sclerosis"),
        ("lesoins", "lesions"),
        ("septembre", "september"),
    ],
)
def test_a_misspelt_word_is_corrected_by_the_words_of_the_site(typed, meant):
    assert Vocabulary(SITE).correct(typed) == meant


@pytest.mark.parametrize(
    "word",
    [
        "relapse",  # known
        "lesion",  # known in another number
        "edema",  # known in another spelling
        "dsoe1",  # a digit
        "b12",
        "mris",
        "dos",  # three letters
        "dosage",  # two edits in six letters
        "relepsa",  # two in seven, though it sounds alike
        "elapse",  # another first letter, as asymptomatic has
        "dost",  # another consonant in a short word
        "rituximab",  # another drug
        "glyburide",  # one that is listed by another name
        "jcvi",  # a word of the site that has three letters is none to correct to
        "x" * 5000,
        "",
        "anti-body",
        "ανтi",
    ],
)
def test_what_is_not_a_misspelt_word_of_the_site_is_not_corrected(word):
    assert Vocabulary(SITE).correct(word) is None


def test_two_words_as_near_are_a_guess():
    assert Vocabulary({"lesions": 1, "lessons": 900}).correct("lesons") is None
    assert Vocabulary({"lesions": 1}).correct("lesons") == "lesions"


def test_a_word_and_its_plural_do_not_compete():
    assert Vocabulary({"relapse": 1, "relapses": 2}).correct("relapss") in {"relapse", "relapses"}
    assert Vocabulary({"defences": 1, "defense": 2}).correct("defenes") in {"defences", "defense"}
    assert Vocabulary({"penicillins": 1}).correct("penicilins") == "penicillins"


@pytest.mark.parametrize(
    ("typed", "site", "meant"),
    [
        ("lesons", {"lesions": 1, "lessons": 900}, ["lessons", "lesions"]),
        ("modls", {"modes": 900, "models": 1, "modals": 1}, ["modals", "models"]),  # d for l is no slip
        ("shres", {"shores": 1, "shares": 1, "shires": 1}, ["shares", "shires", "shores"]),
        ("shres", {"shores": 1, "shares": 1, "shires": 1, "shreds": 1}, []),  # more than three
        ("zostr", {"zoster": 9, "zostor": 9}, []),  # one is no English word: it could be a name
        ("losartn", {"losartan": 9, "losartin": 9}, []),
        ("isulin", {"insulin": 9, "inulin": 9}, ["insulin", "inulin"]),  # both named, so nothing is taken for another
        ("iodie", {"iodide": 9, "iodine": 9}, []),  # listed
        ("ilues", {"ileus": 1, "clues": 900}, ["ileus"]),  # another first letter
        ("aents", {"agents": 1, "tents": 900}, ["agents"]),
        ("aents", {"agents": 1, "sents": 900}, []),  # no English word: it could be a name
        ("agnts", {"agents": 1, "agnuts": 1}, []),  # too far from the other to be a slip of the site
        ("pychological", {"psychological": 9, "phychological": 1}, ["psychological"]),  # misspelt on the site itself
        ("pychological", {"psychological": 9, "phychological": 2}, []),
        ("functoin", {"function": 9}, ["function"]),  # it ends as phenytoin does
        ("suplements", {"supplements": 9}, ["supplements"]),
    ],
)
def test_words_that_are_as_near_compete_unless_one_cannot_be_meant(typed, site, meant):
    assert Vocabulary(site).meant(typed) == meant


@pytest.mark.parametrize("word", ["larger", "caption", "observed", "varicella", "fecal", "analyze"])
def test_an_english_word_that_the_site_lacks_is_no_mistake(word):
    site = {"large": 9, "caution": 9, "observe": 9, "variceal": 9, "focal": 9, "analysed": 9}

    assert Vocabulary(site).meant(word) == []


@pytest.mark.parametrize(
    ("typed", "site", "meant"),
    [
        ("biolgoically", "biological", ["biologically"]),
        ("incomplteely", "incomplete", ["incompletely"]),
        ("biolgoically", "biologic", ["biologically"]),
        ("biologicall", "biologic", ["biologically"]),
        ("ibologically", "biologic", []),
        ("biolgoically", "biopsy", []),
        ("perfromance", "performed", []),
        ("abnromalities", "abnormal", []),
        ("prtect", "protein", []),
        ("pencillin", "penicillinase", []),  # a drug
    ],
)
def test_a_word_of_the_same_family_is_enough(typed, site, meant):
    assert Vocabulary({site: 9}).meant(typed) == meant


@pytest.mark.parametrize(
    ("typed", "opposite"),
    [
        ("hypotension", "hypertension"),
        ("hypertension", "hypotension"),
        ("hypetension", "hypertension"),
        ("hypretension", "hypotension"),
        ("intramuscular", "intermuscular"),
        ("perioperative", "preoperative"),
        ("exocrine", "endocrine"),
        ("microcytic", "macrocytic"),
        ("asymptomatic", "symptomatic"),
        ("symptomatc", "asymptomatic"),
        ("asymptomatc", "symptomatic"),
        ("unresponsive", "responsive"),
        ("colotomy", "colostomy"),
        ("nephrosis", "nephritis"),
        ("dysphasia", "dysphagia"),
        ("abduction", "adduction"),
    ],
)
def test_a_word_is_never_corrected_to_its_opposite(typed, opposite):
    assert Vocabulary({opposite: 100}).correct(typed) is None


def test_opposites_are_each_others():
    assert all(
        word in opposites(other) for word in ("hypotension", "endocrine", "nephritis") for other in opposites(word)
    )


def slips(word: str) -> Iterator[str]:
    """Yield the word, its other spellings, and each with a letter left out or exchanged with the next."""
    for spelling in (word, *variants(word)):
        yield spelling
        for place, letter in enumerate(spelling):
            before, after = spelling[:place], spelling[place + 1 :]
            yield before + after
            yield before + after[:1] + letter + after[1:]


def test_many_look_alikes_are_listed_once():
    pairs = [frozenset(pair) for pair in LOOK_ALIKES]

    assert len(list(read_pairs(DRUG_PAIRS))) >= 350
    assert len(pairs) == len(set(pairs))
    assert all(len(pair) == 2 for pair in pairs)
    assert all(name.isalpha() and name.islower() for name in NAMES | WORDS)


@pytest.mark.parametrize("pair", [*LOOK_ALIKES, *(pair[::-1] for pair in LOOK_ALIKES)], ids="/".join)
def test_a_look_alike_is_not_swapped_for_the_one_that_the_site_has(pair):
    one, other = pair
    site = Vocabulary({other: 9})
    wrong = {other, *variants(other)} - {one, *variants(one)}

    assert site.correct(one) is None
    assert not wrong & {meant for typed in slips(one) for meant in site.meant(typed)}


@pytest.mark.parametrize("words", [dict.fromkeys(NAMES | WORDS, 9), {"relapse": 9}], ids=["all", "none"])
def test_no_look_alike_is_swapped_if_the_site_has_all_or_none(words):
    site = Vocabulary(words)

    for name in NAMES | WORDS:
        meant = {None, name, *variants(name)}
        others = {other for typed in slips(name) for other in site.meant(typed)} - meant

        assert site.correct(name) is None
        assert not any({name, other} == set(pair) for other in others for pair in LOOK_ALIKES), name


def test_no_look_alike_is_taken_apart_even_if_the_site_has_its_halves():
    for name in NAMES:
        parts = {part for place in range(1, len(name)) for part in (name[:place], name[place:])}

        assert Vocabulary(dict.fromkeys(parts, 9)).parted(name) is None, name


@pytest.mark.parametrize(
    ("typed", "site", "parted"),
    [
        ("relapsedose", ["relapse", "dose"], "relapse dose"),
        ("doserelapse", ["relapse", "dose"], "dose relapse"),
        ("relapsedose", ["relapse", "dose", "relapsedose"], None),  # a word of the site
        ("relapsedose", ["relapse"], None),
        ("ofdose", ["of", "dose"], None),  # two letters
        ("overdose", ["over", "dose"], None),  # an English word
        ("thesedosest", ["these", "dosest", "thesed", "osest"], None),  # two ways
        ("warfarindose", ["warfarin", "dose"], None),  # a drug stays whole
        ("warfarindoes", ["warfarin", "dose"], None),
    ],
)
def test_two_words_that_were_run_together_are_parted_if_there_is_one_way(typed, site, parted):
    assert Vocabulary(dict.fromkeys(site, 9)).parted(typed) == parted


@pytest.mark.parametrize(
    ("one", "other", "site", "joined"),
    [
        ("neuro", "logical", ["neurological", "neuro"], "neurological"),
        ("neuro", "logical", ["neurological", "neuro", "logical"], None),  # both are words of the site
        ("neuro", "logical", ["neuro", "logical"], None),
        ("a", "symptomatic", ["asymptomatic"], None),  # its opposite
        ("hydroxy", "zine", ["hydroxyzine"], "hydroxyzine"),
        ("hydroxy", "zine", ["hydralazine"], None),
    ],
)
def test_a_word_that_was_written_as_two_is_joined_if_the_site_lacks_one(one, other, site, joined):
    assert Vocabulary(dict.fromkeys(site, 9)).joined(one, other) == joined


DRUGS_OF_ONE_FAMILY = """
afatinib axitinib, alogliptin anagliptin, amoxapine loxapine, benidipine barnidipine, bisoprolol bufuralol,
cinazepam pinazepam, clonazolam cloxazolam, methoxamine mecloxamine, flumetasone fluocortolone, lapatinib lazertinib,
losartan valsartan, omadacycline eravacycline, nepafenac bromfenac, perindopril pentopril, pitavastatin pravastatin,
toripalimab tislelizumab, vilanterol olodaterol, zaleplon zolpidem, lurasidone lumateperone
"""


def test_drugs_that_nobody_listed_are_not_swapped():
    pairs = [tuple(pair.split()) for pair in DRUGS_OF_ONE_FAMILY.replace("\n", " ").split(",")]

    for one, other in pairs:
        assert Vocabulary({other: 9}).correct(one) is None, (one, other)
        assert Vocabulary({one: 9}).correct(other) is None, (one, other)


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("prednisolne", "prednisone"),  # one letter from prednisolone too, which the site does not have
        ("clonazolam", "cloxazolam"),  # a consonant for another
        ("losartan", "valsartan"),
        ("cytisne", "cytidine"),
        ("nilatenib", "nilotinib"),  # two edits in nine letters
        ("taxop", "taxol"),  # so few letters can be another name
        ("digobin", "digoxin"),
    ],
)
def test_a_drug_is_corrected_only_if_a_slip_explains_it(typed, known):
    assert Vocabulary({known: 9}).correct(typed) is None


def test_a_drug_is_not_corrected_if_another_is_almost_as_near():
    assert Vocabulary({"nilotinib": 9}).correct("nlotinib") is None  # erlotinib is listed
    assert Vocabulary({"zanubrutinib": 9}).correct("znubrutinib") == "zanubrutinib"
    assert Vocabulary({"zanubrutinib": 9, "zanubrutanib": 1}).correct("znubrutinib") is None


LETTERS = st.text("aeilnoprst", min_size=1, max_size=9)


@given(st.dictionaries(LETTERS, st.integers(1, 9), max_size=30), LETTERS)
def test_a_correction_is_a_known_word_one_or_two_edits_away(words, typed):
    found = Vocabulary(words).meant(typed)

    for each in found:
        assert each != typed
        assert abs(len(each) - len(typed)) <= 2
        assert each in words or (len(found) == 1 and is_english(each))


@given(st.dictionaries(LETTERS, st.integers(1, 9), max_size=30), LETTERS, st.integers(0, 5))
def test_completions_begin_with_what_was_typed_the_most_frequent_first(words, prefix, limit):
    found = Vocabulary(words).complete(prefix, limit)

    fitting = sorted((word for word in words if word.startswith(prefix)), key=lambda word: (-words[word], word))
    assert found == fitting[:limit]


def test_completion_corrects_nothing():
    site = Vocabulary(SITE)

    assert site.complete("rel", 5) == ["relapse", "relapses"]
    assert site.complete("relsp", 5) == []
    assert site.complete("rituximab", 5) == []
    assert site.complete("", 1) == ["a"]


def test_a_large_vocabulary_is_quick():
    words = {f"{a}{b}{c}{d}": 1 for a in "bcdfg" for b in ("ara", "olo", "ine", "umo") for c in "klmnp" for d in SITE}
    began = time.process_time()
    site = Vocabulary(words)
    built = time.process_time()
    for word in list(words)[:500]:
        site.correct(word[:3] + word[4:])

    assert built - began < 2
    assert time.process_time() - built < 2
