"""Each reader on a small document of its format, with one bad row beside the good ones."""

import json
from pathlib import Path

import pytest

from schemas.declaration.errors import DeclarationError
from schemas.reject import Fault
from transforms.knowledge.build import gather
from transforms.knowledge.declaration import PassageSource, load_source
from transforms.knowledge.entry import Entry
from transforms.knowledge.hardened_xml import parse_xml
from transforms.knowledge.jats import license_of
from transforms.knowledge.licence import spdx
from transforms.knowledge.read import read_passages


def read(folder: Path, format: str, name: str, text: str, **more: object) -> list[Entry | Fault]:
    (folder / name).write_text(text, "utf-8")
    return [one for _, one in read_passages(declared(format, name, **more), folder)]


def declared(format: str, *paths: str, **more: object) -> PassageSource:
    fields = {"name": "demo", "version": "1", "title": "t", "license": "CC0-1.0", "citation": "c"}
    return PassageSource.model_validate(fields | {"format": format, "paths": list(paths)} | more)


def test_medquad(tmp_path: Path) -> None:
    rows = read(tmp_path, "medquad", "a.xml", """<Document url="https://x/y"><Focus>Gout</Focus>
      <FocusAnnotations><UMLS><CUIs><CUI>C1</CUI></CUIs></UMLS>
      <Synonyms><Synonym>Podagra</Synonym></Synonyms></FocusAnnotations><QAPairs>
      <QAPair><Question qid="7-1" qtype="information">What is (are) Gout ?</Question>
        <Answer>Key Points
                    - Gout hurts.

                    Gout is a form of arthritis.   It is painful.</Answer></QAPair>
      <QAPair><Question qid="7-2" qtype="treatment">How to treat Gout ?</Question>
        <Answer>Rest.</Answer></QAPair>
      <QAPair><Question qid="7-3" qtype="causes">Why ?</Question><Answer> </Answer></QAPair>
      </QAPairs></Document>""")  # fmt: skip
    information, treatment, empty = rows
    assert isinstance(information, Entry)
    assert information.text == "Gout is a form of arthritis. It is painful."
    assert information.title == "What is (are) Gout? (Also called: Podagra)"
    assert (information.concept, information.defines) == ("Gout", True)
    assert (information.xrefs, information.origin) == (("UMLS_CUI:C1",), "demo/7-1")
    assert isinstance(treatment, Entry)
    assert (treatment.concept, treatment.defines) == ("", False)
    assert isinstance(empty, Fault)
    assert empty.reason == "passage_malformed"


def test_medquad_with_lower_case_names(tmp_path: Path) -> None:
    (one,) = read(tmp_path, "medquad", "a.xml", """<doc>
      <doctitle-focus>ALS</doctitle-focus><qaPairs>
      <pair><question qtype="information">what is als?</question>
      <answer>ALS is a disease of motor neurons.</answer></pair></qaPairs></doc>""")  # fmt: skip
    assert isinstance(one, Entry)
    assert (one.concept, one.defines) == ("ALS", True)


CNXML = """<document xmlns="http://cnx.rice.edu/cnxml"><title>Bones</title><content>
  <para>The <term>femur</term> is the bone of the thigh (<link target-id="f"/>).</para>
  <section><title>Growth</title><para>Bones grow.<figure><caption>No.</caption></figure></para>
    <section class="multiple-choice"><para>Which bone?</para></section></section></content>
  <glossary><definition><term>pacemaker</term><meaning>group of cells</meaning></definition>
    <definition><term>rib</term><meaning>bone of the chest</meaning></definition>
    <definition><term>void</term></definition></glossary></document>"""


def test_cnxml(tmp_path: Path) -> None:
    rows = read(tmp_path, "cnxml", "m.cnxml", CNXML, other_senses=["pacemaker"])
    texts = [(r.title, r.text, r.concept, r.defines) for r in rows if isinstance(r, Entry)]
    assert texts == [
        ("Bones", "The femur is the bone of the thigh.", "femur", True),
        ("Bones: Growth", "Bones grow.", "", False),
        ("pacemaker (Bones)", "Pacemaker: group of cells.", "pacemaker", False),
        ("rib (Bones)", "Rib: bone of the chest.", "rib", True),
    ]
    assert [r.reason for r in rows if isinstance(r, Fault)] == ["passage_malformed"]


OBO = r"""format-version: 1.2

[Term]
id: DOID:1
name: HIV infection
def: "A virus disease that is located_in \"T cells\"." [url:http\://x]
synonym: "AIDS virus disease" RELATED []
synonym: "human immunodeficiency virus disease" EXACT []
xref: UMLS_CUI:C0019693

[Term]
id: DOID:2
name: old
def: "Gone." []
is_obsolete: true

[Term]
id: DOID:3
name: broken
def: no quotes

[Typedef]
id: part_of
name: part of
def: "A relation." []
"""


def test_obo(tmp_path: Path) -> None:
    good, bad = read(tmp_path, "obo", "a.obo", OBO)
    assert isinstance(good, Entry)
    assert good.text == 'HIV infection: a virus disease that is located in "T cells".'
    assert good.synonyms == ("human immunodeficiency virus disease",)  # exact ones only
    assert (good.concept, good.xrefs, good.origin) == (
        "HIV infection",
        ("UMLS_CUI:C0019693",),
        "DOID:1",
    )
    assert isinstance(bad, Fault)
    assert "line 17" in bad.detail


def test_obographs_says_the_same_as_obo(tmp_path: Path) -> None:
    node = {
        "id": "http://purl.obolibrary.org/obo/DOID_1",
        "lbl": "HIV infection",
        "type": "CLASS",
        "meta": {
            "definition": {"val": 'A virus disease that is located_in "T cells".'},
            "synonyms": [
                {"pred": "hasRelatedSynonym", "val": "AIDS virus disease"},
                {"pred": "hasExactSynonym", "val": "human immunodeficiency virus disease"},
            ],
            "xrefs": [{"val": "UMLS_CUI:C0019693"}],
        },
    }
    old = {"id": "x_2", "lbl": "old", "type": "CLASS",
           "meta": {"deprecated": True, "definition": {"val": "Gone."}}}  # fmt: skip
    text = json.dumps({"graphs": [{"nodes": [node, old, {"type": "CLASS"}]}]})
    from_json, bad = read(tmp_path, "obographs", "a.json", text)
    assert from_json == read(tmp_path, "obo", "a.obo", OBO)[0]
    assert isinstance(bad, Fault)


JATS = """<!DOCTYPE article PUBLIC "-//NLM//DTD" "archivearticle.dtd">
<article xmlns:xlink="http://www.w3.org/1999/xlink"><front><article-meta>
  <article-id pub-id-type="pmc">42</article-id><title-group><article-title>
  On <italic>E. coli</italic></article-title></title-group>{permissions}
  <abstract><sec><title>Aim</title><p>We looked.</p></sec></abstract></article-meta></front>
  <body><sec><title>Methods</title><p>We cut.<fig><caption><p>Seen</p></caption></fig></p>
    <sec><title>Stains</title><p>Blue.</p></sec></sec></body></article>"""
BY_NC = '<permissions><license xlink:href="http://creativecommons.org/licenses/by-nc/3.0"/></permissions>'


def test_jats(tmp_path: Path) -> None:
    text = JATS.format(permissions=BY_NC)
    rows = read(tmp_path, "jats", "a.nxml", text, license="per-document")
    assert [(r.title, r.text, r.license) for r in rows if isinstance(r, Entry)] == [
        ("On E. coli: Abstract", "We looked.", "CC-BY-NC-3.0"),
        ("On E. coli: Methods", "We cut.", "CC-BY-NC-3.0"),
        ("On E. coli: Methods: Stains", "Blue.", "CC-BY-NC-3.0"),
    ]


def test_an_article_without_licence_is_a_reject_unless_the_declaration_has_one(
    tmp_path: Path,
) -> None:
    text = JATS.format(permissions="")
    (fault,) = read(tmp_path, "jats", "a.nxml", text, license="per-document")
    assert isinstance(fault, Fault)
    assert fault.reason == "license_unknown"
    assert {r.license for r in read(tmp_path, "jats", "a.nxml", text) if isinstance(r, Entry)} == {
        "CC0-1.0"
    }


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("http://creativecommons.org/licenses/by/2.0", "CC-BY-2.0"),
        ("https://creativecommons.org/licenses/by-nc-nd/4.0/", "CC-BY-NC-ND-4.0"),
        ("http://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("http://creativecommons.org/publicdomain/mark/1.0/", "CC-PDM-1.0"),
        ("the Creative Commons Attribution License, which permits", "LicenseRef-CC-BY"),
        ("Creative Commons Attribution Non-Commercial License", "LicenseRef-CC-BY-NC"),
        ("All rights reserved.", None),
    ],
)
def test_licence_of_a_statement(statement: str, expected: str | None) -> None:
    assert spdx(statement) == expected


def test_jsonl_and_its_bad_rows(tmp_path: Path) -> None:
    lines = [
        '{"id": "1", "title": "Rib", "text": "A rib is a bone.", "concept": "rib", "source": "o"}',
        '{"id": "2", "title": "No text"}',
        "not json",
        '{"id": "3", "text": "Fine.", "license": "CC-BY-4.0"}',
        '{"id": "4", "text": "Whose?", "license": "free for all"}',
        '["a", "list"]',
    ]
    rows = read(tmp_path, "jsonl", "a.jsonl", "\n".join(lines))
    good = [r for r in rows if isinstance(r, Entry)]
    assert [(r.source, r.license, r.concept, r.defines) for r in good] == [
        ("o", "CC0-1.0", "rib", True),
        ("demo", "CC-BY-4.0", "", False),
    ]
    faults = [r for r in rows if isinstance(r, Fault)]
    assert [(f.reason, f.detail.split(":")[0]) for f in faults] == [
        ("passage_malformed", "line 2"),
        ("passage_malformed", "line 3"),
        ("license_unknown", "line 5"),
        ("passage_malformed", "line 6"),
    ]


def test_a_bad_file_does_not_stop_the_source_and_duplicates_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("<broken")
    (tmp_path / "b.jsonl").write_text('{"id": "1", "text": "Same text."}\n' * 2)
    harvest = gather([declared("jats", "*.xml"), declared("jsonl", "*.jsonl"),
                      declared("obo", "none/*.obo")], tmp_path)  # fmt: skip
    assert [e.text for e in harvest.entries] == ["Same text."]
    assert [(r.item, r.reason) for r in harvest.rejects] == [
        ("a.xml", "not_this_format"),
        ("demo", "file_absent"),
    ]
    assert [s["duplicates"] for s in harvest.sources] == [0, 1, 0]


def test_a_path_may_not_lead_out_of_the_root(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="path_outside_root"):
        list(read_passages(declared("jsonl", "../*.jsonl"), tmp_path))
    (tmp_path / "outside.jsonl").write_text('{"id": "1", "text": "x"}')
    root = tmp_path / "root"
    root.mkdir()
    (root / "link.jsonl").symlink_to(tmp_path / "outside.jsonl")
    ((_, one),) = read_passages(declared("jsonl", "*.jsonl"), root)
    assert isinstance(one, Fault)


def test_a_declaration_with_faults_names_them_all(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        "name: Bad Name\nversion: '1'\ntitle: t\nlicence: MIT\nformat: pdf\npaths: []\n"
    )
    with pytest.raises(DeclarationError) as caught:
        load_source(path)
    text = str(caught.value)
    assert all(
        f"s.yaml > {key}" in text for key in ("name", "licence", "license", "format", "paths")
    )
    assert "'license'" in text  # what was meant by the unknown key


@pytest.mark.samples
def test_the_sample_sources(samples: Path) -> None:
    from pipelines.knowledge import sources

    declared_sources = [load_source(path) for path in sources()]
    few = [s for s in declared_sources if s.format in ("obo", "obographs", "jats", "jsonl")]
    harvest = gather(few, samples)
    counts = {s["name"]: s for s in harvest.sources}
    assert counts["disease-ontology"]["kept"] > 3000
    assert counts["disease-ontology-graphs"]["kept"] == 0  # all are terms of the OBO files
    assert counts["pmc-articles"]["licenses"] == [
        "CC-BY-2.0", "CC-BY-NC-3.0", "CC-PDM-1.0", "LicenseRef-CC-BY",
    ]  # fmt: skip
    assert not harvest.rejects
    assert max(len(e.text) for e in harvest.entries) <= 1000


@pytest.mark.samples
def test_licences_of_the_sample_articles(samples: Path) -> None:
    folder = samples / "knowledge" / "jats_pmc_samples"
    found = {p.stem: license_of(parse_xml(p)) for p in sorted(folder.glob("*.nxml"))}
    assert found == {  # as SOURCE.md of the folder states them
        "1471-2180-11-174": "CC-BY-2.0",
        "1472-6831-8-11": "CC-BY-2.0",
        "ehp-116-1694": "CC-PDM-1.0",
        "mds526": "CC-BY-NC-3.0",
        "pntd.0002065": "LicenseRef-CC-BY",
        "pone.0000217": "LicenseRef-CC-BY",
        "pone.0046493": "LicenseRef-CC-BY",
    }
